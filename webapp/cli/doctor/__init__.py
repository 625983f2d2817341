"""Says what is in order on this machine, what is not, and what to do about it."""

import json
import os
import unicodedata
from collections.abc import Mapping

import click

from webapp.cli.doctor import database, machine, store
from webapp.cli.doctor.diagnosis import Check, Result, State, Words, fail, same

__all__ = ["command"]

CHECKS: dict[str, tuple[Words, Check]] = {
    "python": (same("Python"), machine.python),
    "sqlite": (same("SQLite"), database.sqlite),
    "pango": (Words("排版组件", "Pango"), machine.pango),
    "fonts": (Words("字体", "Fonts"), machine.fonts),
    "data_dir": (Words("数据目录", "Data folder"), machine.data_dir),
    "keys": (Words("密钥文件", "Keys"), machine.keys),
    "disk": (Words("磁盘空间", "Disk space"), machine.disk),
    "database": (Words("数据库", "Database"), database.reachable),
    "schema": (Words("数据库结构", "Schema"), database.schema),
    "work": (Words("后台工作", "Background work"), database.work),
    "files": (Words("文件存储", "File store"), store.files),
    "queue": (Words("任务队列", "Queue"), store.queue),
    "clock": (Words("时钟", "Clock"), machine.clock),
    "address": (Words("访问地址", "Address"), machine.address),
}
MARKS = {
    State.OK: ("✓", Words("正常", "ok"), "green"),
    State.WARN: ("!", Words("注意", "warn"), "yellow"),
    State.FAIL: ("✗", Words("异常", "fail"), "red"),
}
NEED_DATABASE = {"schema", "work"}
LATER = Result(State.WARN, Words("数据库可用之后再查", "looked at once the database is there"))
UNKNOWN = Words("请把这一行告诉维护人员", "Show this line to those who maintain the product")


def examine() -> dict[str, Result]:
    """Run every check; one that breaks is a failure of its own, and the others go on."""
    try:
        from webapp.core.config import Settings

        settings = Settings()
    except Exception as error:
        remedy = Words("请改正 MINGCHA_… 环境变量", "Mend the MINGCHA_… environment variables")
        return {"settings": fail(broken(error), remedy)}
    results: dict[str, Result] = {}
    for name, (_, check) in CHECKS.items():
        if name in NEED_DATABASE and results["database"].state is not State.OK:
            results[name] = LATER
            continue
        try:
            results[name] = check(settings)
        except Exception as error:
            results[name] = fail(broken(error), UNKNOWN)
    return results


def broken(error: Exception) -> Words:
    """Return an error as one line."""
    return same(f"{type(error).__name__}: {' '.join(str(error).split())}")


def is_chinese(environment: Mapping[str, str]) -> bool:
    """Tell whether the terminal's user reads Chinese, as the launcher does."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next((environment[name] for name in names if environment.get(name)), "").startswith("zh")


def padded(text: str, width: int) -> str:
    """Fill ``text`` up to ``width`` columns; a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * (width - taken)


def table(results: Mapping[str, Result], language: str) -> str:
    """Return the results as lines: mark and word, what, what was found, and the remedy below."""
    lines = []
    for name, result in results.items():
        title = CHECKS[name][0] if name in CHECKS else Words("设置", "Settings")
        mark, word, colour = MARKS[result.state]
        state = click.style(padded(f"{mark} {getattr(word, language)}", 8), fg=colour, bold=True)
        lines.append(
            f"{state}{padded(getattr(title, language), 17)}{getattr(result.found, language)}"
        )
        if result.remedy:
            lines.append(f"{' ' * 8}→ {getattr(result.remedy, language)}")
    return "\n".join(lines)


def as_json(results: Mapping[str, Result], language: str) -> str:
    """Return the results for a program."""
    checks = [
        {
            "id": name,
            "state": result.state.value,
            "found": getattr(result.found, language),
            "remedy": getattr(result.remedy, language) if result.remedy else None,
        }
        for name, result in results.items()
    ]
    worst = max((result.state for result in results.values()), key=list(State).index)
    return json.dumps({"state": worst.value, "checks": checks}, ensure_ascii=False, indent=2)


@click.command("doctor")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for a program.")
def command(*, wants_json: bool) -> None:
    """Check this machine and say what to do; exit status 1 if something does not work."""
    results = examine()
    language = "zh" if is_chinese(os.environ) else "en"
    click.echo(as_json(results, language) if wants_json else table(results, language))
    if any(result.state is State.FAIL for result in results.values()):
        raise SystemExit(1)
