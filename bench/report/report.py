"""What scripts/bench calls: `python3 bench/report COMMAND`.

machine PROJECT BUILD MODE       prints what the figures are measured on, as JSON
costs PROJECT BUILD MODE COMMIT  measures sizes, compilation and start-up, as JSON
write RESULTS DOCS [TARGETS]     writes DOCS/performance.md and DOCS/plots from RESULTS; fails,
                                 when all is written, where something could not be compared
"""

import json
import os
import sys

import compare
import costs
import document
import growth
import growth_plot
import machine
import ratio_plot
import results
import tables

_OWN_TARGETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "targets.json")


def _slug(words):
    return "".join(c if c.isalnum() else "_" for c in words.lower())


def _plots(outcomes, stores):
    """(name of the file without ending, title, SVG text) of each plot, ratios and curves apart."""
    ratios = []
    for section in dict.fromkeys(outcome.target.section for outcome in outcomes):
        of_section = [o for o in outcomes if o.target.section == section and o.target.against]
        drawn = ratio_plot.draw(section, "ratio to what stands beside it", of_section)
        if drawn:
            ratios.append((f"ratios_{_slug(section)}", section, drawn))
    curves = [(f"growth_{_slug(store)}", f"{store}: cost as the store grows",
              growth_plot.draw(f"{store}: cost as the store grows", grown.curves(growth.MEDIAN)))
             for store, grown in stores.items() if grown.curves(growth.MEDIAN)]
    return ratios, curves


def _write_plots(folder, plots):
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        if name.startswith(("ratios_", "growth_")) and name.endswith(".svg"):
            os.remove(os.path.join(folder, name))
    for name, _, text in plots:
        with open(os.path.join(folder, name + ".svg"), "w", encoding="utf-8") as file:
            file.write(text)


def _images(plots):
    return "\n".join(f"![{title}](plots/{name}.svg)" for name, title, _ in plots)


def _repetitions(found):
    counts = {len(m.values(results.THROUGHPUT)) for m in found.measurements.values()}
    return sorted(counts - {0}) or [0]


def write(folder, docs, targets_path=_OWN_TARGETS):
    """Writes the documents; returns what could not be compared, a sentence each."""
    found = results.read_folder(folder)
    targets = compare.read_targets(targets_path)
    contests = found.contests()
    compared, problems = compare.all_comparisons(contests, targets)
    problems += compare.failures(contests)
    outcomes = compare.outcomes_of(targets, contests)
    grown = growth.of_rows(found.growth)
    ratio_plots, growth_plots = _plots(outcomes, grown)
    document.rewrite(os.path.join(docs, "performance.md"), {
        "machine": machine.markdown(found.machine, found.commits, _repetitions(found)),
        "targets": tables.targets(outcomes),
        "plots": _images(ratio_plots),
        "contests": tables.comparisons(compared),
        "growth": "\n\n".join(filter(None, [_images(growth_plots), tables.growth(grown)])),
        "costs": tables.costs(contests),
    })
    _write_plots(os.path.join(docs, "plots"), ratio_plots + growth_plots)
    for outcome in outcomes:
        for comparison in outcome.missed:
            print(f"missed: {comparison.contest} by {comparison.contestant}: "
                  f"{comparison.figure.median:.2f} ({outcome.target.row})", file=sys.stderr)
    return problems


def _print_json(content):
    json.dump(content, sys.stdout, indent=1)
    print()


def _run(arguments):
    command, *rest = arguments or [""]
    if command == "machine" and len(rest) == 3:
        _print_json({"machine": machine.describe(*rest)})
    elif command == "costs" and len(rest) == 4:
        project, build, mode, commit = rest
        _print_json(costs.measure(project, build, commit, mode == "quick"))
    elif command == "write" and len(rest) in (2, 3):
        problems = write(*rest)
        for problem in problems:
            print(f"error: {problem}", file=sys.stderr)
        return 1 if problems else 0
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


def main(arguments):
    try:
        return _run(arguments)
    except results.Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
