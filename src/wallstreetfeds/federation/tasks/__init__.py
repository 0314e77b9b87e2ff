"""Learning tasks: the interface, the built-in ones by name, and partitioners."""

from wallstreetfeds.federation.tasks.base import Arrays, Partition, Quality, Split, Task
from wallstreetfeds.federation.tasks.credit import CREDIT

TASKS = {task.name: task for task in (CREDIT,)}
"""Built-in tasks by name."""

__all__ = ["CREDIT", "TASKS", "Arrays", "Partition", "Quality", "Split", "Task"]
