#include "experiments/report/plot_script.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>

#include "experiments/report/selection.hpp"
#include "experiments/report/summary.hpp"

namespace ebm::experiments {
namespace {

constexpr std::size_t most_settings = 12;

/// What follows the values that are written into the script.
constexpr std::string_view body = R"PY(
# Okabe and Ito's colours, which colour-blind readers can tell apart; then the same with other lines.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
LINES = ["-", "--", ":", "-."]


def style(i):
    return {"color": COLOURS[i % len(COLOURS)], "linestyle": LINES[i // len(COLOURS) % len(LINES)]}


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def number(cell):
    try:
        return float(cell)
    except ValueError:
        return np.nan


def t_quantile(df):
    """The 0.975 quantile of Student's t: tabulated, then Cornish and Fisher's expansion."""
    if df <= len(T_QUANTILES):
        return T_QUANTILES[df - 1]
    z = 1.959963984540054
    return (z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
            + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3))


def interval(values):
    """Half the width of the mean's 95 % interval; none for a single value."""
    n = len(values)
    return t_quantile(n - 1) * np.std(values, ddof=1) / np.sqrt(n) if n > 1 else np.nan


def plain(text):
    """A name, not a formula."""
    return text.replace("$", r"\$")


def finished_trials(run):
    """[(name, rows of summary.csv as dictionaries)], of SETTINGS or, where the run has none of them, of all."""
    header, *rows = read(run / "summary.csv")
    axes = header[2:header.index("replicate")]
    trials = {}  # values on the axes -> rows
    for row in (dict(zip(header, cells)) for cells in rows):
        if row["status"] == "done":
            trials.setdefault(tuple(row[a] for a in axes), []).append(row)
    chosen = []
    for name, labels in SETTINGS:
        key = tuple(labels.get(a, "") for a in axes)
        if set(labels) <= set(axes) and key in trials:
            chosen.append((name, trials[key]))
    return chosen or [(" ".join(key) or "default", rows) for key, rows in trials.items()]


def curves(run, trials):
    """Updates, and the metric as [seeds, updates], where all seeds were evaluated."""
    seeds = []
    for trial in trials:
        table = read(run / "trials" / trial["folder"] / "metrics.csv")
        if not table or METRIC not in table[0]:
            continue
        x, y = table[0].index("update"), table[0].index(METRIC)
        seeds.append({float(r[x]): number(r[y]) for r in table[1:] if len(r) == len(table[0]) and r[y] != ""})
    common = sorted(set.intersection(*map(set, seeds))) if seeds else []
    return np.array(common), np.array([[s[u] for u in common] for s in seeds])


def draw_finals(ax, settings):
    for i, (name, trials) in enumerate(settings):
        values = np.array([number(row[METRIC]) for row in trials])
        values = values[np.isfinite(values)]
        if len(values) == 0:
            continue
        colour = style(i)["color"]
        ax.plot(values, np.full(len(values), i), "o", color=colour, markersize=3, alpha=0.5)
        ax.errorbar(values.mean(), i, xerr=interval(values), fmt="D", color=colour, markersize=5, capsize=3)
    ax.set_yticks(range(len(settings)), [plain(name) for name, _ in settings])
    ax.invert_yaxis()
    ax.set_xlabel(plain(METRIC) + " at the end\nmean and 95 % interval, dots: seeds")


def draw_curves(ax, run, settings):
    for i, (name, trials) in enumerate(settings):
        x, y = curves(run, trials)
        if len(x) == 0:
            continue
        ax.plot(x, y.mean(axis=0), label=plain(name), **style(i))
        ax.fill_between(x, y.min(axis=0), y.max(axis=0), color=style(i)["color"], alpha=0.2, linewidth=0)
    ax.set_xscale("symlog", linthresh=1)
    ax.set_ylim(Y_RANGE)
    ax.set_xlabel("update")
    ax.set_ylabel(plain(METRIC) + "\nmean, band: all seeds")
    if ax.lines:
        ax.legend(fontsize="small")


def main():
    run = Path(sys.argv[1] if len(sys.argv) > 1 else RUN)
    if not (run / "summary.csv").is_file():
        sys.exit(f"{run}: no summary.csv; `ebm run` writes it when it ends")
    settings = finished_trials(run)
    if not settings or METRIC not in settings[0][1][0]:
        sys.exit(f"{run}: no finished trial has {METRIC}")
    height = max(3.5, 1.5 + 0.3 * len(settings))
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, height), constrained_layout=True)
    draw_curves(left, run, settings)
    draw_finals(right, settings)
    script = Path(sys.argv[0])
    target = script.with_suffix("") if script.suffix == ".py" else Path("ebm-plot")
    for kind in ("pdf", "png"):
        figure.savefig(f"{target}.{kind}", dpi=200)
        print(f"{target}.{kind}")


main()
)PY";

/// JSON's texts are Python's too.
std::string python_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string t_quantiles() {
  std::string list;
  for (int df = 1; df <= 30; ++df) {
    const double t = boost::math::quantile(boost::math::complement(boost::math::students_t(df), 0.025));
    list += fmt::format("{}{:.6f}", df == 1 ? "" : df % 10 == 1 ? ",\n               " : ", ", t);
  }
  return list;
}

} // namespace

std::string plot_script(const RunResults& r, const std::string& metric) {
  const std::string column = find_metric(r, metric);
  std::string settings;
  for (const std::size_t s : best_settings(r, most_settings)) {
    std::string labels;
    for (const Label& l : r.run().settings[s])
      labels += (labels.empty() ? "" : ", ") + python_text(l.axis) + ": " + python_text(l.value);
    settings += fmt::format("    ({}, {{{}}}),\n", python_text(r.run().setting_name(s)), labels);
  }
  std::error_code error;
  const auto folder = std::filesystem::absolute(r.run().folder, error).lexically_normal();
  return fmt::format("#!/usr/bin/env python3\n"
                     "\"\"\"Final values and learning curves of a run of ebm.\n\n"
                     "usage: python3 SCRIPT.py [folder of the run]\n"
                     "Writes SCRIPT.pdf and SCRIPT.png. Needs numpy and matplotlib.\n"
                     "\"\"\"\n"
                     "import csv\nimport sys\nfrom pathlib import Path\n\n"
                     "import matplotlib\n\nmatplotlib.use(\"Agg\")\n"
                     "import matplotlib.pyplot as plt\nimport numpy as np\n\n"
                     "RUN = {}\nMETRIC = {}\nY_RANGE = None  # or (low, high)\n"
                     "# Names for the figure, and what the settings are in the run.\n"
                     "SETTINGS = [\n{}]\nT_QUANTILES = [{}]\n{}",
                     python_text(folder.string()), python_text(column), settings, t_quantiles(), body);
}

} // namespace ebm::experiments
