"""The people of a group: found, looked at, noted about, merged, and taken in from a list."""

from .exporting import COLUMNS, list_rows
from .finding import PAGE, Wanted, count_people, list_choices, list_people
from .importing import (
    apply_import,
    find_import,
    forget_lists,
    list_imports,
    look_at_rows,
    start_import,
    undo_import,
)
from .keeping import (
    Noted,
    add_note,
    add_tag,
    drop_note,
    drop_tag,
    mark_training,
    note_of_many,
    unmark_training,
    who_lacks,
)
from .merging import family_of, list_pairs, merge_people, tell_apart, undo_merge
from .showing import Known, owner_of_entry, show_person

__all__ = [
    "COLUMNS",
    "PAGE",
    "Known",
    "Noted",
    "Wanted",
    "add_note",
    "add_tag",
    "apply_import",
    "count_people",
    "drop_note",
    "drop_tag",
    "family_of",
    "find_import",
    "forget_lists",
    "list_choices",
    "list_imports",
    "list_pairs",
    "list_people",
    "list_rows",
    "look_at_rows",
    "mark_training",
    "merge_people",
    "note_of_many",
    "owner_of_entry",
    "show_person",
    "start_import",
    "tell_apart",
    "undo_import",
    "undo_merge",
    "unmark_training",
    "who_lacks",
]
