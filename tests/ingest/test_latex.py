from pathlib import Path

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.latex import LatexReader


def read(folder: Path, body: str, preamble: str = "") -> str:
    path = folder / "paper.tex"
    path.write_text(
        f"\\documentclass{{article}}\n{preamble}\n\\begin{{document}}\n{body}\n\\end{{document}}\nrest",
        encoding="utf-8",
    )
    return LatexReader().read(path).markdown


def test_headings_and_paragraphs(tmp_path: Path) -> None:
    body = "\\section{One}\nA line\nand \\emph{more}.\n\n\\subsection*{Two}\nText.\n\\paragraph{Run in.} Goes on."
    assert read(tmp_path, body) == "## One\n\nA line and more.\n\n### Two\n\nText.\n\n**Run in.** Goes on.\n"


def test_title_author_and_abstract_come_first(tmp_path: Path) -> None:
    markdown = read(
        tmp_path,
        "\\maketitle\n\\begin{abstract}Short.\\end{abstract}\n\\section{One}",
        "\\title{On\\\\ Valves\\thanks{Paid.}}\\author{A. Bee \\and C. Dee}",
    )
    assert markdown == "# On Valves[^1]\n\nA. Bee , C. Dee\n\n## Abstract\n\nShort.\n\n## One\n\n[^1]: Paid.\n"


def test_comments_and_preamble_are_left_out(tmp_path: Path) -> None:
    body = "It is 5\\% % secret\nof all.\n% \\section{Hidden}\n\\begin{comment}x\\end{comment}\\iffalse y\\fi"
    assert read(tmp_path, body, "\\usepackage{secret}") == "It is 5% of all.\n"


def test_lists_are_nested_and_counted(tmp_path: Path) -> None:
    body = (
        "\\begin{enumerate}\\item a\\begin{itemize}\\item b\\item[(x)] c\\end{itemize}\\item d\\end{enumerate}"
        "\\begin{description}\\item[Seat] where it closes\\end{description}"
    )
    assert read(tmp_path, body) == "1. a\n   - b\n   - (x) c\n2. d\n\n- Seat: where it closes\n"


TABLE = r"""\begin{table}[t]\centering\resizebox{\textwidth}{!}{
\begin{tabular}{l|cc}
\toprule
\multirow{2}{*}{Model} & \multicolumn{2}{c}{AIME} \\ \cmidrule(lr){2-3}
 & pass & cons \\
\midrule
\multicolumn{3}{c}{\textit{Closed}} \\
\multirow{2}{*}{\textbf{Base}} & $1.5$ & 2\% \\[2pt]
 & \underline{3} & 10$^{6}$ \\
\bottomrule
\end{tabular}}
\caption{Scores \& more.}\label{tab:s}
\end{table}"""


def test_a_table_has_its_caption_above_its_spans_filled_and_its_header_flattened(tmp_path: Path) -> None:
    assert read(tmp_path, TABLE + "\nSee Table~\\ref{tab:s} and \\autoref{tab:s}.") == (
        "Table 1: Scores & more.\n\n| Model | AIME pass | AIME cons |\n| --- | --- | --- |\n| Closed |  |  |\n"
        "| Base | 1.5 | 2% |\n| Base | 3 | 10^6 |\n\nSee Table 1 and Table 1.\n"
    )


def test_a_row_label_that_is_counted_upwards_fills_the_rows_above(tmp_path: Path) -> None:
    body = "\\begin{tabular}{ll}k & v\\\\\\hline & 1\\\\ \\multirow{-2}{*}{a} & 2\\\\\\end{tabular}"
    assert "| a | 1 |\n| a | 2 |" in read(tmp_path, body)


def test_a_header_that_is_repeated_on_every_page_stands_once(tmp_path: Path) -> None:
    body = (
        "\\begin{longtable}{ll}\\caption{Long.}\\\\ \\hline k & v\\\\ \\hline\\endfirsthead\n"
        "\\hline k & v\\\\ \\hline\\endhead\n\\hline next page & \\\\ \\endfoot\n\\hline\\endlastfoot\n"
        "a & 1\\\\ b & 2\\\\ \\end{longtable}"
    )
    assert read(tmp_path, body) == "Table 1: Long.\n\n| k | v |\n| --- | --- |\n| a | 1 |\n| b | 2 |\n"


def test_equations_are_kept_and_numbered_where_they_have_a_label(tmp_path: Path) -> None:
    body = (
        "As \\eqref{eq:p} says, $a<b$.\n\\begin{equation}\\label{eq:p}\np = \\frac{F}{A}\n\\end{equation}\n"
        "\\[ x^2 \\]\n\\begin{align*}a &= b \\\\ c &= d\\end{align*}"
    )
    assert read(tmp_path, body) == (
        "As (1) says, $a< b$.\n\n$$\\tag{1} p = \\frac{F}{A}$$\n\n$$x^2$$\n\n"
        "$$\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}$$\n"
    )


def test_citations_show_their_keys_and_references_their_targets(tmp_path: Path) -> None:
    body = "\\section{Of Seats}\\label{s}\nBy \\citep[p.~3]{bee,dee} in Section~\\ref{s}, see \\ref{gone}."
    assert read(tmp_path, body).endswith("By [bee, dee] in Section Of Seats, see gone.\n")


def test_accents_quotes_and_dashes_are_letters(tmp_path: Path) -> None:
    body = "\\'Etude na\\\"{\\i}ve \\c{c}a {\\L}ukasz \\v{s} ``so'' 1--2 a---b \\& \\_ \\ss"
    assert read(tmp_path, body) == "Étude naïve ça Łukasz š “so” 1–2 a—b & _ ß\n"


def test_own_commands_are_written_out(tmp_path: Path) -> None:
    preamble = (
        "\\newcommand{\\ours}{Valvo\\xspace}\\newcommand{\\two}[2][x]{#1-#2}\\def\\R{\\mathbb{R}}"
        "\\newenvironment{note}{\\begin{quote}}{\\end{quote}}"
    )
    body = "\\ours is \\two{b}, \\two[a]{b}. $v\\in\\R$\n\\begin{note}x\\end{note}"
    assert read(tmp_path, body, preamble) == "Valvo is x-b, a-b. $v\\in\\mathbb{R}$\n\n> x\n"


def test_a_definition_takes_the_default_of_its_first_parameter_and_no_other_sign_for_a_number(tmp_path: Path) -> None:
    preamble = "\\newenvironment{note}[2][By hand]{#1, #2: }{}\\newcommand{\\odd}[²]{kept}"
    body = "\\begin{note}{twice}x\\end{note} \\begin{note}[Alone]{once}y\\end{note} \\odd"
    assert read(tmp_path, body, preamble) == "By hand, twice: x Alone, once: y kept\n"


def test_commands_that_call_each_other_come_to_an_end(tmp_path: Path) -> None:
    preamble = "\\newcommand{\\a}{\\b\\b}\\newcommand{\\b}{x\\a\\a}"
    assert "kept" in read(tmp_path, "kept \\a", preamble)


def test_parts_are_put_in_only_from_inside_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "paper"
    (inside / "parts").mkdir(parents=True)
    (tmp_path / "secret.tex").write_text("secret", encoding="utf-8")
    (inside / "parts" / "one.tex").write_text("the part\n\\input{parts/one}", encoding="utf-8")
    (inside / "link.tex").symlink_to(tmp_path / "secret.tex")
    body = (
        f"\\input{{parts/one}}\n\n\\input{{../secret}}\\input{{{tmp_path}/secret}}\\include{{link}}\\input{{gone}} end"
    )
    assert read(inside, body) == "the part\n\nend\n"


def test_verbatim_text_is_fenced_as_it_stands(tmp_path: Path) -> None:
    body = "\\begin{verbatim}\n100 % of \\it\n\\end{verbatim}\nand \\texttt{a\\_b}"
    assert read(tmp_path, body) == "```\n100 % of \\it\n```\n\nand `a_b`\n"


def test_drawings_are_left_out_and_captions_of_figures_kept(tmp_path: Path) -> None:
    drawing = "\\begin{tikzpicture}\\draw;\\end{tikzpicture}\\includegraphics{a}"
    assert read(tmp_path, f"\\begin{{figure}}{drawing}\\caption{{A valve.}}\\end{{figure}}") == "Figure 1: A valve.\n"


def test_footnotes_stand_at_the_end(tmp_path: Path) -> None:
    assert read(tmp_path, "Text\\footnote{One.\n\nTwo.} goes on.") == "Text[^1] goes on.\n\n[^1]: One. Two.\n"


def test_the_list_of_references_beside_the_source_is_read(tmp_path: Path) -> None:
    listed = "\\begin{thebibliography}{9}\\bibitem[B(20)]{bee} A.~Bee.\n\\newblock On bees.\\end{thebibliography}"
    (tmp_path / "paper.bbl").write_text(listed, encoding="utf-8")
    assert read(tmp_path, "Text.\n\\bibliography{all}") == "Text.\n\n## References\n\n- [bee] A. Bee. On bees.\n"


def test_html_does_not_come_alive(tmp_path: Path) -> None:
    assert "<script" not in read(tmp_path, "$a<script$ and <script>").replace("`<script>`", "")


@pytest.mark.parametrize(
    "body", ["{", "}", "\\", "$", "\\begin{tabular}", "\\begin{a}\\end{b}", "\\section{", "\\'", "\\["]
)
def test_broken_source_is_survived(tmp_path: Path, body: str) -> None:
    assert "before" in read(tmp_path, f"before\n\n{body}")


def test_a_source_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no text between its commands"):
        read(tmp_path, "\\tableofcontents")


def test_a_whole_paper_is_read_from_its_parts(shared_data: Path) -> None:
    markdown = LatexReader().read(shared_data / "pdf" / "latex_truth" / "1706.03762" / "main.tex").markdown
    assert "| GNMT + RL [wu2016google] | 24.6 | 39.92 |" in markdown
    assert "### Encoder and Decoder Stacks" in markdown
