"""`loresmith`: the entry point. Verbs load only when they are called, so that `--help` answers at once."""

import sys
from importlib import import_module

import click

from loresmith import __version__

# Verb: one line of help. Kept here, since asking the verbs would import what they need.
VERBS = {
    "init": "Write a recipe and a project folder for your documents.",
    "demo": "Run the whole journey on the bundled field guide, in minutes, without a network.",
    "run": "Run every stage of a recipe or project that is not up to date.",
    "plan": "Show what would be done, and what it needs, without doing it.",
    "doctor": "Check this machine: packages, processors, memory, disk, models.",
    "ingest": "Read documents into Markdown with tables and page marks.",
    "chunk": "Cut the Markdown into spans that keep headings and tables.",
    "generate": "Find facts and word checked questions about them.",
    "review": "Accept, edit or reject the questions on a page, each beside its source.",
    "split": "Separate training from the recall and transfer exams.",
    "index": "Make the passages searchable by words and by meaning.",
    "train": "Fit a LoRA adapter on the training questions.",
    "evaluate": "Examine base, adapter, retrieval and both.",
    "failures": "Show which documents, sections and kinds are weak and why; mark them for review, or practise them.",
    "blind": "Let people judge two arms' answers side by side without knowing which is which.",
    "compare": "Set two results side by side, category by category: ours, of lm-evaluation-harness, of ragas.",
    "gate": "Decide whether a new version may replace the old; exit code 0 promotes, 1 keeps.",
    "registry": "Keep numbered versions; promote one through the gate, roll back, verify, prune.",
    "watch": "Keep the expert current: rounds on changed documents, a schedule, bad exams; a gate decides; alerts.",
    "status": "Show who answers, the last rounds with their numbers, what is due, and how it went over time.",
    "benchmark": "Ask ARC, MMLU, GSM8K and others of a model, with and without its adapter.",
    "export": "Write one GGUF file and prove it equal to what was tested.",
    "report": "Write report.html and report.md from the results.",
    "card": "Write the model card: scores, parity, training, documents by name and hash.",
    "push": "Publish adapter, merged model, GGUF file or rows on the Hugging Face Hub.",
    "ask": "Ask the finished expert; answers carry citations.",
    "quiz": "Take a quiz on your documents in the terminal.",
    "router": "Send each question to the expert it is for, or to the base model; train, test, ask.",
    "tutor": "Be taught: explained, asked back, given hints, from your documents.",
    "serve": "Open the web page and the OpenAI-compatible API.",
    "dataset": "Prepare, read, convert, clean, hand over and publish datasets, in the formats of other tools.",
    "plugins": "List the installed plug-ins and where they come from.",
}


class LazyVerbs(click.Group):
    """Imports `loresmith.cli.<verb>` when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Verbs in the order of the journey."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of the verb, or `None` for an unknown one."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"loresmith.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest verb named when there is none such."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], VERBS, n=1)
            ctx.fail(f"No such verb {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.command(cls=LazyVerbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="loresmith")
def app() -> None:
    """Documents in, an examined expert out.

    Start with `loresmith demo`, or with your own documents: `loresmith init my-expert --documents FOLDER`.
    """


def main() -> None:
    """Run the command line; every expected failure is one message and an exit code, never a traceback."""
    from loresmith.errors import LoresmithError

    try:
        app(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as fault:
        fault.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nStopped. Nothing is lost: the same command goes on from here.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; Python would complain at exit
        sys.exit(141)
    except LoresmithError as fault:
        click.echo(f"{click.style('error', fg='red')}: {fault.problem}\n→ {fault.next_step}", err=True)
        sys.exit(fault.exit_code)
    except MemoryError:
        click.echo("error: The machine is out of memory.\n→ Close other programs, or take a smaller model.", err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
