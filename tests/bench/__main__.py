"""Runs the benchmarks named on the command line, or all; prints one line for each ratio."""

from __future__ import annotations

import sys

from tests.bench import (
    accounts,
    aws,
    azure,
    collect,
    configuration,
    corners,
    cost,
    diff,
    engine,
    gcp,
    gitops,
    history,
    html,
    kubectl,
    kubernetes,
    mail,
    noise,
    remediate,
    resume,
    simulate,
    startup,
    states,
    terraform,
)

BENCHMARKS = {
    "startup": startup.main,
    "collect": collect.main,
    "aws": aws.main,
    "accounts": accounts.main,
    "kubernetes": kubernetes.main,
    "kubectl": kubectl.main,
    "azure": azure.main,
    "gcp": gcp.main,
    "gitops": gitops.main,
    "states": states.main,
    "html": html.main,
    "mail": mail.main,
    "history": history.main,
    "terraform": terraform.main,
    "configuration": configuration.main,
    "diff": diff.main,
    "engine": engine.main,
    "corners": corners.main,
    "remediate": remediate.main,
    "noise": noise.main,
    "resume": resume.main,
    "cost": cost.main,
    "simulate": simulate.main,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 1
    for name in names or BENCHMARKS:
        BENCHMARKS[name]()
    return 0


sys.exit(main(sys.argv[1:]))
