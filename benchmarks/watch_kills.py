"""Kill a round of the watch at random moments; look at who answers, end the round, and compare what was decided.

    python -m benchmarks.watch_kills --kills 20 --seed 1

The parts are real and small: a tiny random model, two documents of which one is withdrawn while a third arrives, a
registry with a champion. After each SIGKILL the registry must verify and its champion must be whole; the next look must
end the round with the decision, the numbers, the log and the aliases of an undisturbed one. Exits 1 otherwise.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from loresmith.cli.environment import prepare
from tests.tiny_model import build_tiny_model


def main() -> int:
    """Kill, and tell what was left."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--kills", type=int, default=20)
    given.add_argument("--seed", type=int, default=1)
    args = given.parse_args()
    prepare()  # before torch is loaded, here and in what is started from here
    with tempfile.TemporaryDirectory() as home:
        build_tiny_model(Path(home) / "model")
        words = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "tests.watch.shaken_round",
            home,
            str(args.kills),
            str(args.seed),
        ]
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    killed = sum(trial["killed"] for trial in told["trials"])
    wrong = [trial for trial in told["trials"] if trial["wrong"] or not trial["same"]]
    sys.stdout.write(f"{killed} killed of {args.kills}; {len(wrong)} left something wrong or decided otherwise\n")
    return 1 if wrong or killed < args.kills else 0


if __name__ == "__main__":
    sys.exit(main())
