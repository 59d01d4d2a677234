"""Time the audit of a folder of forms, in one process, and watch its memory.

    python tests/bench/auditing.py [--forms 1000] [--rows 20] [--kind xlsx]

The forms are made for the occasion: the head and the block of money of the national form, rows of every group, a third
of them judged and a few that do not follow. The limits are what the project aims at; nothing is asserted.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from audit import printed

from perfrules.audit.survey import forms_in, survey, worst_first
from perfrules.ruleset.library import load

GROUPS = (
    ("产出指标", "数量指标"), ("产出指标", "质量指标"), ("产出指标", "时效指标"), ("产出指标", "成本指标"),
    ("效益指标", "社会效益指标"), ("效益指标", "可持续影响指标"), ("满意度指标", "服务对象满意度指标"),
)  # fmt: skip
LIMITS = {"seconds": 60.0}


def form(rows: int, chance: random.Random) -> dict[str, Any]:
    """A filled form of so many rows, the execution included."""
    listed = []
    for index in range(rows - 1):
        level1, level2 = GROUPS[index * len(GROUPS) // (rows - 1)]
        listed.append(
            {
                "一级指标": level1,
                "二级指标": level2,
                "三级指标": f"指标{index + 1}：第{index + 1}项工作",
                **_said(chance),
            }
        )
    spent = chance.randint(80, 102)
    score = sum(row["得分"] for row in listed) + min(10, spent / 10)
    return {
        "form": {"title": "项目支出绩效自评表（2023年度）", "项目名称": "某某项目", "实施单位": "某某单位"},
        "money": [{
            "项目资金（万元）": "年度资金总额", "年初预算数": 100, "全年预算数（A）": 100, "全年执行数（B）": spent, "分值": 10,
            "执行率（B/A）": f"{spent}%", "得分": min(10, spent / 10),
        }],
        "row": [*listed, {"三级指标": "总分", "分值": 10 + 5 * len(listed), "得分": score}],
    }  # fmt: skip


def _said(chance: random.Random) -> dict[str, Any]:
    """The target, the actual, the weight and the score of a row."""
    if chance.random() < 1 / 3:
        return {"年度指标值": "效果明显", "实际完成值": "达成年度指标", "分值": 5, "得分": 5}
    target = chance.randint(10, 500)
    value = round(target * chance.choice((0.9, 1, 1, 1, 1.1, 1.6)))
    score = 5 if value >= target or chance.random() < 0.1 else round(5 * value / target, 2)
    return {"年度指标值": f"≥{target}个", "实际完成值": f"{value}个", "分值": 5, "得分": score}


def main() -> None:
    """Make the forms, audit them, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--forms", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--kind", choices=("xlsx", "csv"), default="xlsx")
    asked = parser.parse_args()
    chance, write = random.Random(1), {"xlsx": printed.write_xlsx, "csv": printed.write_csv}[asked.kind]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index in range(asked.forms):
            write(printed.page(form(asked.rows, chance)), folder / f"{index:05}.{asked.kind}")
        _run(folder)


def _run(folder: Path) -> None:
    paths = forms_in(folder)
    begun = time.perf_counter()
    framework = load("cn/project-self-evaluation-2020")
    print(f"loading the framework {time.perf_counter() - begun:6.2f} s")
    found, marks = [], []
    for index, one in enumerate(survey(paths, framework)):
        found.append(one)
        if (index + 1) % max(1, len(paths) // 5) == 0:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            marks.append(f"{index + 1} forms {time.perf_counter() - begun:6.1f} s {peak:6.0f} MB at most")
    print("\n".join(marks))
    taken = time.perf_counter() - begun
    print(
        f"{len(paths)} forms in {taken:.1f} s, {taken / len(paths) * 1000:.1f} ms each (aim for 1,000: {LIMITS['seconds']:.0f} s)"
    )
    codes = Counter(code for one in worst_first(found) for code in one.codes)
    print("unread", sum(bool(one.unread) for one in found), dict(codes.most_common(8)))


if __name__ == "__main__":
    main()
