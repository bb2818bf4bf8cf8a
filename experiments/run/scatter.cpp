#include "experiments/run/scatter.hpp"

#include <fmt/format.h>
#include <iterator>

#include "experiments/io/files.hpp"
#include "experiments/report/svg.hpp"
#include "experiments/report/svg_axis.hpp"
#include "experiments/report/svg_text.hpp"

namespace ebm::experiments {
namespace {

// Pixels; `side` is that of a frame.
constexpr double side = 340, left = 56, above = 34, below = 48, margin = 16;

struct Range {
  double low = infinity, high = -infinity;
};

Range range_of(const Cloud& cloud, std::size_t column) {
  Range r;
  for (const auto& p : cloud.points) {
    r.low = std::min(r.low, p[column]);
    r.high = std::max(r.high, p[column]);
  }
  return r;
}

Axis axis_of(std::span<const Cloud> clouds, std::size_t column) {
  const Range first = range_of(clouds[0], column);
  const double extent = first.high - first.low;
  Range r = first;
  for (const Cloud& cloud : clouds.subspan(1)) {
    const Range other = range_of(cloud, column);
    r.low = std::min(r.low, std::max(other.low, first.low - extent));
    r.high = std::max(r.high, std::min(other.high, first.high + extent));
  }
  return linear_axis(r.low, r.high, 0.04);
}

class ScatterPainter {
 public:
  explicit ScatterPainter(std::span<const Cloud> clouds)
      : clouds_(clouds), across_(axis_of(clouds, 0)), up_(axis_of(clouds, 1)) {}

  std::string painted() {
    const double width = double(clouds_.size()) * (left + side + margin), height = above + side + below;
    add(R"(<svg xmlns="http://www.w3.org/2000/svg" class="ebm-curves" role="img" )"
        R"(viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}">)",
        width, height);
    add("<style>\n{}</style>", curves_style());
    add(R"(<rect class="paper" width="{:.0f}" height="{:.0f}" rx="6"/>)", width, height);
    for (std::size_t i = 0; i < clouds_.size(); ++i) {
      add("<g transform=\"translate({:.1f} {:.1f})\">", left + double(i) * (left + side + margin), above);
      add(R"(<text y="-12" font-weight="600">{}</text>)", xml_escape(clouds_[i].title));
      grid();
      points(clouds_[i]);
      add("</g>");
    }
    add("</svg>");
    return std::move(out_);
  }

 private:
  double across(double x) const { return side * std::clamp(across_.place(x), 0.0, 1.0); }
  double down(double y) const { return side * (1 - std::clamp(up_.place(y), 0.0, 1.0)); }

  template <typename... Values> void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
    out_ += '\n';
  }

  void straight(std::string_view look, double x1, double y1, double x2, double y2) {
    add(R"(<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)", look, x1, y1, x2, y2);
  }

  void grid() {
    for (const Tick& tick : across_.ticks(6)) {
      const double x = across(tick.value);
      straight("grid", x, 0, x, side);
      add(R"(<text class="muted" text-anchor="middle" x="{:.1f}" y="{:.1f}">{}</text>)", x, side + 18,
          tick.label);
    }
    for (const Tick& tick : up_.ticks(6)) {
      const double y = down(tick.value);
      straight("grid", 0, y, side, y);
      add(R"(<text class="muted" text-anchor="end" x="-8" y="{:.1f}">{}</text>)", y + 4, tick.label);
    }
    straight("axis", 0, side, side, side);
    straight("axis", 0, 0, 0, side);
    add(R"(<text class="muted" text-anchor="middle" x="{:.1f}" y="{:.1f}">column 0</text>)", side / 2,
        side + 38);
    add(R"(<text class="muted" text-anchor="middle" x="{0:.1f}" y="{1:.1f}" )"
        "transform=\"rotate(-90 {0:.1f} {1:.1f})\">column 1</text>",
        14 - left, side / 2);
  }

  /// A line of no length with round ends is a dot, and takes a third of the bytes of a circle.
  void points(const Cloud& cloud) {
    fmt::format_to(std::back_inserter(out_),
                   R"(<path class="line k{}" stroke-width="2.4" )"
                   R"(stroke-linecap="round" stroke-opacity="0.75" d=")",
                   cloud.colour % curve_colours);
    for (const auto& p : cloud.points)
      fmt::format_to(std::back_inserter(out_), "M{:.1f},{:.1f}h0", across(p[0]), down(p[1]));
    add("\"/>");
  }

  std::span<const Cloud> clouds_;
  Axis across_, up_;
  std::string out_;
};

template <class T> Batch<T> evenly_spaced(const Batch<T>& rows) {
  const std::size_t n = rows.shape(0), shown = std::min(n, most_points);
  Batch<T> some = make_batch<T>(shown, 2);
  for (std::size_t i = 0; i < shown; ++i) std::ranges::copy(row(rows, i * n / shown), row(some, i).begin());
  return some;
}

template <class T> Cloud cloud_of(std::string title, std::size_t colour, const Batch<T>& rows) {
  Cloud cloud{std::move(title), colour, {}};
  for (std::size_t i = 0; i < rows.shape(0); ++i)
    cloud.points.push_back({double(rows(i, 0)), double(rows(i, 1))});
  return cloud;
}

} // namespace

bool is_planar(const StateSpace& space) {
  return space.visible_columns() == 2 &&
         std::ranges::all_of(space.blocks(), [](const Block& b) { return b.latent() || !b.discrete(); });
}

std::string scatter_svg(std::span<const Cloud> clouds) {
  return ScatterPainter(clouds).painted();
}

template <std::floating_point T>
void write_scatter(const StateSpace& space, const Dataset<T>* data, const Batch<T>& samples,
                   const std::filesystem::path& folder) {
  if (!is_planar(space) || !std::ranges::all_of(all(samples), [](T v) { return std::isfinite(v); })) return;
  std::vector<Cloud> clouds;
  if (data != nullptr) {
    Batch<T> rows = evenly_spaced(data->train);
    data->to_original(rows);
    clouds.push_back(
        cloud_of(fmt::format("{} of {} training rows", rows.shape(0), data->train.shape(0)), 0, rows));
  }
  const Batch<T> shown = evenly_spaced(samples);
  clouds.push_back(cloud_of(fmt::format("{} samples of the model", shown.shape(0)), 1, shown));
  std::filesystem::create_directories(folder / "figures");
  write_atomically(folder / "figures" / "scatter.svg", scatter_svg(clouds));
}

template void write_scatter<float>(const StateSpace&, const Dataset<float>*, const Batch<float>&,
                                   const std::filesystem::path&);
template void write_scatter<double>(const StateSpace&, const Dataset<double>*, const Batch<double>&,
                                    const std::filesystem::path&);

} // namespace ebm::experiments
