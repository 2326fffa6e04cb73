"""Starts a process: python -m services.events web | worker | migrate."""

from shared.processes import Service, main

from . import app, chores, commands, config, handlers, importing

SERVICE = Service(
    name="events",
    settings=config.Settings,
    create_app=app.create_app,
    handlers=handlers.HANDLERS,
    chores=chores.CHORES,
    commands=commands.COMMANDS,
    threads=(importing.keep_importing,),
)

if __name__ == "__main__":
    main(SERVICE)
