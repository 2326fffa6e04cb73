"""Starts a process: python -m services.notifications web | worker | migrate."""

from shared.processes import Service, main

from . import app, chores, commands, config, handlers, imap, planner, sender

SERVICE = Service(
    name="notifications",
    settings=config.Settings,
    create_app=app.create_app,
    handlers=handlers.HANDLERS,
    chores=chores.CHORES,
    commands=commands.COMMANDS,
    threads=(sender.run, sender.run_bulk, planner.run, imap.run),
)

if __name__ == "__main__":
    main(SERVICE)
