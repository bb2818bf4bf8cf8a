#include "experiments/report/strip_svg.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <limits>

#include "experiments/report/svg_text.hpp"
#include "experiments/report/text_table.hpp"

namespace ebm::experiments {
namespace {

// Pixels.
constexpr double width = 860, character = 7, below = 44, above = 26, number_room = 160;

class StripPainter {
 public:
  explicit StripPainter(const Strip& strip) : strip_(strip), axis_(strip_axis(strip)) {
    std::size_t longest = 0;
    for (const Strip::Row& row : strip.rows) longest = std::max(longest, text_width(row.label));
    left_ = std::min(0.36 * width, character * static_cast<double>(longest)) + 14;
    row_height_ = strip.rows.size() > 15 ? 26 : 36;
    frame_ = width - left_ - number_room;
    height_ = row_height_ * static_cast<double>(strip.rows.size());
  }

  std::string painted() {
    add(R"(<svg xmlns="http://www.w3.org/2000/svg" class="ebm-curves" role="group" )"
        R"(viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}">)",
        width, height_ + above + below);
    add("<g transform=\"translate({:.1f} {:.1f})\">", left_, above);
    grid();
    for (std::size_t i = 0; i < strip_.rows.size(); ++i) row(strip_.rows[i], (0.5 + double(i)) * row_height_);
    add("</g>\n</svg>");
    return std::move(out_);
  }

 private:
  double across(double value) const { return frame_ * axis_.place(value); }

  template <typename... Values> void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
    out_ += '\n';
  }

  void grid() {
    for (const Tick& tick : axis_.ticks(7)) {
      const double x = across(tick.value);
      add(R"(<line class="grid" x1="{0:.1f}" y1="0" x2="{0:.1f}" y2="{1:.1f}"/>)", x, height_);
      add(R"(<text class="muted" text-anchor="middle" x="{:.1f}" y="{:.1f}">{}</text>)", x, height_ + 18,
          tick.label);
    }
    add(R"(<line class="axis" x1="0" y1="{0:.1f}" x2="{1:.1f}" y2="{0:.1f}"/>)", height_, frame_);
    add(R"(<text class="muted" text-anchor="middle" x="{:.1f}" y="{:.1f}">{}</text>)", frame_ / 2,
        height_ + 38, xml_escape(strip_.title));
    add(R"(<text class="muted" text-anchor="end" x="{:.1f}" y="-10">mean</text>)", frame_ + 74);
    if (const double place = axis_.place(strip_.reference); place >= 0 && place <= 1)
      add(R"(<line class="line kr" stroke-dasharray="4 3" x1="{0:.1f}" y1="0" x2="{0:.1f}" y2="{1:.1f}"/>)",
          frame_ * place, height_);
  }

  void row(const Strip::Row& r, double y) {
    const std::string kind = r.colour ? fmt::format("k{}", *r.colour % curve_colours) : "kr";
    const Summary mean = summarise(r.values);
    add(R"(<g><title>{}</title><text text-anchor="end" x="-14" y="{:.1f}">{}</text></g>)",
        xml_escape(r.label), y + 4, xml_escape(shortened(r.label, std::size_t((left_ - 14) / character))));
    add(R"(<text class="number" text-anchor="end" x="{:.1f}" y="{:.1f}">{}</text>)", frame_ + 74, y + 4,
        aligned_number(mean.mean));
    add(R"(<text class="muted" font-size="11" x="{:.1f}" y="{:.1f}">{}</text>)", frame_ + 84, y + 4,
        xml_escape(r.note));
    add(R"(<svg overflow="hidden" x="-8" y="{:.1f}" width="{:.1f}" height="{:.0f}" viewBox="-8 {:.1f} {:.1f} {:.0f}">)",
        y - row_height_ / 2, frame_ + 16, row_height_, -row_height_ / 2, frame_ + 16, row_height_);
    dots(r, kind);
    if (std::isfinite(mean.low))
      add(R"(<line class="line {}" stroke-width="2" x1="{:.1f}" y1="0" x2="{:.1f}" y2="0"/>)", kind,
          across(mean.low), across(mean.high));
    if (std::isfinite(mean.mean))
      add(R"(<line class="mean" stroke-width="2" x1="{0:.1f}" y1="-8" x2="{0:.1f}" y2="8"/>)",
          across(mean.mean));
    add("</svg>");
  }

  /// A seed has the same height in every row, so that equal values do not hide each other and pairs are seen.
  void dots(const Strip::Row& r, const std::string& kind) {
    const std::size_t n = r.values.size();
    const bool many = n > 50;
    for (std::size_t i = 0; i < n; ++i) {
      if (std::isnan(r.values[i])) continue;
      const double y = n == 1 ? 0 : (double(i) / double(n - 1) - 0.5) * (row_height_ - 14),
                   place = axis_.place(r.values[i]);
      const std::string title = many ? ""
                                     : fmt::format("<title>seed {}: {}</title>", xml_escape(strip_.seeds[i]),
                                                   short_number(r.values[i], 6));
      if (place < 0 || place > 1) {
        const double x = place < 0 ? -7 : frame_ + 7, back = place < 0 ? 7 : -7;
        add(R"(<polygon class="dot {}" points="{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}">{}</polygon>)",
            kind, x, y, x + back, y - 3, x + back, y + 3, title);
      } else {
        add(R"(<circle class="dot {}" fill-opacity="0.65" cx="{:.1f}" cy="{:.1f}" r="{}">{}</circle>)", kind,
            frame_ * place, y, many ? 2.0 : 3.4, title);
      }
    }
  }

  const Strip& strip_;
  Axis axis_;
  double left_, row_height_, frame_, height_;
  std::string out_;
};

} // namespace

Axis strip_axis(const Strip& strip) {
  std::vector<double> values, means; // with the sign that makes up good
  const auto good = [&](double v) { return strip.lower_is_better ? -v : v; };
  for (const Strip::Row& row : strip.rows) {
    for (const double v : row.values)
      if (std::abs(v) < 1e300) values.push_back(good(v));
    if (const double mean = summarise(row.values).mean; std::abs(mean) < 1e300) means.push_back(good(mean));
  }
  if (values.empty()) return {};
  std::ranges::sort(means, std::greater());
  const double top = std::ranges::max(values);
  const double middle = means.empty() ? top : means[(means.size() - 1) / 2];
  const double limit =
      means.size() > 1 ? top - 20 * (top - middle) : -std::numeric_limits<double>::infinity();
  double floor = std::min(top, middle);
  for (const double v : values)
    if (v >= limit) floor = std::min(floor, v);
  return strip.lower_is_better ? linear_axis(-top, -floor, 0.03) : linear_axis(floor, top, 0.03);
}

std::string strip_svg(const Strip& strip) {
  return StripPainter(strip).painted();
}

} // namespace ebm::experiments
