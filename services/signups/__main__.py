"""Starts a process: python -m services.signups web | worker | migrate."""

from shared.processes import Service, main

from . import app, chores, commands, config, handlers

SERVICE = Service(
    name="signups",
    settings=config.Settings,
    create_app=app.create_app,
    handlers=handlers.HANDLERS,
    chores=chores.CHORES,
    commands=commands.COMMANDS,
)

if __name__ == "__main__":
    main(SERVICE)
