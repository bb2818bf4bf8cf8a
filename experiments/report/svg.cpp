#include "experiments/report/svg.hpp"
#include "experiments/report/svg_curves.hpp"
#include "experiments/report/svg_text.hpp"
#include "experiments/report/text_table.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace ebm::experiments {
namespace {

// Okabe and Ito's colours (2008) without yellow, too faint on white; orange and sky blue darker, so that all
// have a contrast of 3 to white; their black is the last and follows the text. In the dark lighter ones.
// Selectors are scoped because a page shares its styles with the pictures in it; for the same reason nothing
// here has an id.
constexpr std::string_view style =
    R"(.ebm-curves{font:12px system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif}
.ebm-curves text{fill:#1f2328}
.ebm-curves .muted{fill:#59636e}
.ebm-curves .paper{fill:#ffffff}
.ebm-curves .grid{stroke:#e6e9ed}
.ebm-curves .axis{stroke:#8c959f}
.ebm-curves .band{fill:currentColor;stroke:none}
.ebm-curves .line{fill:none;stroke:currentColor;stroke-linejoin:round}
.ebm-curves .dot{fill:currentColor}
.ebm-curves .k0{color:#0072b2}
.ebm-curves .k1{color:#d55e00}
.ebm-curves .k2{color:#009e73}
.ebm-curves .k3{color:#cc79a7}
.ebm-curves .k4{color:#bf8400}
.ebm-curves .k5{color:#3799d3}
.ebm-curves .k6{color:#1f2328}
.ebm-curves .kr{color:#59636e}
@media (prefers-color-scheme:dark){
.ebm-curves text{fill:#e6edf3}
.ebm-curves .muted{fill:#9198a1}
.ebm-curves .paper{fill:#15191f}
.ebm-curves .grid{stroke:#2a3038}
.ebm-curves .axis{stroke:#656d76}
.ebm-curves .k0{color:#3d9fdc}
.ebm-curves .k1{color:#f0803c}
.ebm-curves .k2{color:#2fc79a}
.ebm-curves .k3{color:#dd94bd}
.ebm-curves .k4{color:#e69f00}
.ebm-curves .k5{color:#56b4e9}
.ebm-curves .k6{color:#e6edf3}
.ebm-curves .kr{color:#9198a1}
}
)";
constexpr std::array<std::string_view, 5> dashes = {"none", "7 3", "2 2.5", "9 3 2 3", "14 3"};

// Pixels.
constexpr double character = 7, label_gap = 15, swatch = 46, column_gap = 24;
constexpr double below_frame = 58;

struct EndLabel {
  std::string text;
  std::string look; ///< attributes of its line
  double value;     ///< NaN: no line leads to it
};

/// A panel on its way to the page.
struct Picture {
  const Panel& panel;
  Axis across, up;
  std::vector<SeedBand> bands;
  std::vector<EndLabel> labels;
};

/// Shared by all panels, so that frames line up.
struct Layout {
  double panel_width, left, width, height; ///< the frame is `left` from the panel's edge
  double above_frame = 50;                 ///< room for the title
};

/// A curve that has left the frame says where it went.
std::string end_text(const std::string& label, double value, const Axis& up) {
  if (std::isnan(value)) return label + " (no data)";
  const double place = up.place(value);
  if (place >= 0 && place <= 1) return label;
  const std::string number = std::isinf(value) ? (value < 0 ? "-∞" : "∞") : short_number(value);
  return fmt::format("{} {} {}", label, place < 0 ? "↓" : "↑", number);
}

Picture picture_of(const Panel& panel, std::size_t points = 1000) {
  Picture picture{panel, x_axis(panel), {}, {}, {}};
  for (const Curve& curve : panel.curves) picture.bands.push_back(seed_band(curve, picture.across, points));
  picture.up = y_axis(panel, picture.bands);
  for (std::size_t i = 0; i < panel.curves.size(); ++i) {
    const std::vector<double>& middle = picture.bands[i].middle;
    const double last = middle.empty() ? std::nan("") : middle.back();
    picture.labels.push_back({end_text(panel.curves[i].label, last, picture.up), curve_look(i), last});
  }
  for (const auto& [label, y] : panel.references)
    picture.labels.push_back(
        {end_text(label, y, picture.up), R"(class="line kr" stroke-dasharray="4 3")", y});
  return picture;
}

Layout layout_of(std::span<const Picture> pictures, double panel_width) {
  std::size_t tick = 0, label = 0, labels = 0;
  for (const Picture& picture : pictures) {
    for (const Tick& t : picture.up.ticks(6)) tick = std::max(tick, text_width(t.label));
    for (const EndLabel& l : picture.labels) label = std::max(label, text_width(l.text));
    labels = std::max(labels, picture.labels.size());
  }
  const double left = character * static_cast<double>(tick) + 14;
  const double right = std::min(0.4 * panel_width, character * static_cast<double>(label) + swatch + 4);
  return {panel_width, left, panel_width - left - right,
          std::max(320.0, label_gap * static_cast<double>(labels))};
}

/// The drawing of one panel, with the origin at its top left corner.
class Painter {
 public:
  /// In a page the title stands outside, and a script finds series and values.
  Painter(const Picture& picture, const Layout& layout, bool in_page)
      : picture_(picture), layout_(layout), in_page_(in_page) {}

  std::string painted() {
    if (!in_page_) {
      text(0, 14, R"(font-size="14" font-weight="600")", picture_.panel.title);
      text(0, layout_.above_frame - 15, R"(class="muted")", picture_.panel.y_label);
    }
    add("<g transform=\"translate({:.1f} {:.1f})\">", layout_.left, layout_.above_frame);
    grid();
    // A nested svg clips what it holds.
    add(R"(<svg{} width="{:.1f}" height="{:.1f}" overflow="hidden">)", in_page_ ? R"( class="frame")" : "",
        layout_.width, layout_.height);
    bands();
    references();
    lines();
    add("</svg>");
    labels();
    add("</g>");
    return std::move(out_);
  }

 private:
  bool many() const { return picture_.bands.size() > 10; }
  double across(double x) const { return layout_.width * picture_.across.place(x); }
  double down(double y) const { return layout_.height * (1 - picture_.up.place(y)); }

  template <typename... Values> void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
    out_ += '\n';
  }
  void text(double x, double y, std::string_view attributes, std::string_view words) {
    if (!words.empty())
      add(R"(<text x="{:.1f}" y="{:.1f}" {}>{}</text>)", x, y, attributes, xml_escape(words));
  }
  void straight(std::string_view look, double x1, double y1, double x2, double y2) {
    add(R"(<line {} x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)", look, x1, y1, x2, y2);
  }

  /// For the script of the page: to which curve an element belongs.
  std::string series(std::size_t curve) const {
    return in_page_ && curve < picture_.bands.size() ? fmt::format(R"( data-s="{}")", curve) : "";
  }
  /// The numbers at the corners of the line; x only where it is not that of the first curve.
  std::string values(std::size_t curve) const {
    if (!in_page_) return "";
    const auto list = [](std::string_view name, const std::vector<double>& values) {
      std::string text = fmt::format(R"( data-{}=")", name);
      for (const double v : values) fmt::format_to(std::back_inserter(text), "{:.6g} ", v);
      text.back() = '"';
      return text;
    };
    const SeedBand& band = picture_.bands[curve];
    return (curve == 0 || band.x != picture_.bands[0].x ? list("x", band.x) : "") + list("y", band.middle);
  }

  std::string points(const std::vector<double>& x, const std::vector<double>& y) const {
    std::string points;
    for (std::size_t i = 0; i < x.size(); ++i)
      fmt::format_to(std::back_inserter(points), "{}{:.1f},{:.1f}", i == 0 ? "" : " ", across(x[i]),
                     down(y[i]));
    return points;
  }

  void grid() {
    const double width = layout_.width, height = layout_.height;
    for (const Tick& tick : picture_.up.ticks(6)) {
      straight(R"(class="grid")", 0, down(tick.value), width, down(tick.value));
      text(-8, down(tick.value) + 4, R"(class="muted" text-anchor="end")", tick.label);
    }
    for (const Tick& tick : picture_.across.ticks(width > 450 ? 8 : 5)) {
      const double x = across(tick.value);
      if (!tick.label.empty()) straight(R"(class="grid")", x, 0, x, height);
      straight(R"(class="axis")", x, height, x, height + (tick.label.empty() ? 3 : 5));
      text(x, height + 18, R"(class="muted" text-anchor="middle")", tick.label);
    }
    straight(R"(class="axis")", 0, height, width, height);
    text(width / 2, height + 38, R"(class="muted" text-anchor="middle")", picture_.panel.x_label);
  }

  void bands() {
    const double opacity = std::clamp(0.9 / static_cast<double>(picture_.bands.size()), 0.05, 0.18);
    for (std::size_t i = 0; i < picture_.bands.size(); ++i) {
      if (picture_.panel.curves[i].y.size() < 2 || picture_.bands[i].x.empty()) continue;
      SeedBand band = picture_.bands[i];
      const std::string forth = points(band.x, band.high);
      std::ranges::reverse(band.x);
      std::ranges::reverse(band.low);
      add(R"(<polygon class="band k{}"{} fill-opacity="{:.2f}" points="{} {}"/>)", i % curve_colours,
          series(i), opacity, forth, points(band.x, band.low));
    }
  }

  void references() {
    for (std::size_t i = picture_.bands.size(); i < picture_.labels.size(); ++i) {
      const EndLabel& label = picture_.labels[i];
      if (!std::isnan(label.value))
        straight(label.look + R"( stroke-width="1.3")", 0, down(label.value), layout_.width,
                 down(label.value));
    }
  }

  void lines() {
    for (std::size_t i = 0; i < picture_.bands.size(); ++i) {
      const SeedBand& band = picture_.bands[i];
      if (band.x.size() > 1)
        add(R"(<polyline {}{}{} stroke-width="{:.1f}" points="{}"><title>{}</title></polyline>)",
            curve_look(i), series(i), values(i), many() ? 1.5 : 2.0, points(band.x, band.middle),
            xml_escape(picture_.panel.curves[i].label));
    }
  }

  /// In a column right of the frame, each tied to the height at which its line ends.
  void labels() {
    std::vector<double> wanted;
    for (const EndLabel& label : picture_.labels)
      wanted.push_back(std::isnan(label.value) ? layout_.height
                                               : std::clamp(down(label.value), 0.0, layout_.height));
    const std::vector<double> places = spread_apart(wanted, label_gap, 4, layout_.height - 4);
    const double room = layout_.panel_width - layout_.left - layout_.width - swatch;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const EndLabel& label = picture_.labels[i];
      if (!std::isnan(label.value)) tie(i, wanted[i], places[i]);
      add("<g{}><title>{}</title>", series(i).empty() ? "" : R"( class="label")" + series(i),
          xml_escape(label.text));
      text(layout_.width + swatch, places[i] + 4, "",
           shortened(label.text, static_cast<std::size_t>(room / character)));
      add("</g>");
    }
  }

  void tie(std::size_t label, double from, double to) {
    const double edge = layout_.width;
    add(R"(<polyline {}{} stroke-width="1.5" points="{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}"/>)",
        picture_.labels[label].look, series(label), edge + 3, from, edge + 24, to, edge + swatch - 5, to);
    if (label >= picture_.bands.size()) return;
    const double last = picture_.bands[label].x.back();
    if (edge - across(last) > 6)
      add(R"(<line class="line k{}"{} stroke-opacity="0.4" stroke-dasharray="1 4" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)",
          label % curve_colours, series(label), across(last) + 5, from, edge + 3, from);
    if (from == down(picture_.labels[label].value))
      add(R"(<circle class="dot k{}"{} cx="{:.1f}" cy="{:.1f}" r="{}"/>)", label % curve_colours,
          series(label), across(last), from, many() ? 2 : 3);
  }

  const Picture& picture_;
  const Layout& layout_;
  const bool in_page_;
  std::string out_;
};

/// What the reader must know to read the picture, if it occurs in it.
std::string caption_of(const std::vector<Picture>& pictures) {
  bool bands = false, arrows = false;
  for (const Picture& picture : pictures) {
    for (const Curve& curve : picture.panel.curves) bands |= curve.y.size() > 1;
    for (const EndLabel& label : picture.labels) {
      const double place = picture.up.place(label.value);
      arrows |= place < 0 || place > 1;
    }
  }
  std::string caption = bands ? "line: median of seeds, band: range" : "";
  if (arrows) caption += (bands ? "; " : "") + std::string("arrow: out of the frame, last value");
  return caption;
}

} // namespace

std::string curves_svg(std::string_view title, std::span<const Panel> panels) {
  std::vector<Picture> pictures;
  for (const Panel& panel : panels) pictures.push_back(picture_of(panel));
  const Layout layout = layout_of(pictures, pictures.size() > 1 ? 640 : 900);
  const std::size_t columns = pictures.size() > 1 ? 2 : 1, rows = (pictures.size() + columns - 1) / columns;
  constexpr double margin = 16, heading = 68;
  const double column = layout.panel_width + column_gap,
               row = layout.height + layout.above_frame + below_frame;
  const double width = static_cast<double>(columns) * column - column_gap + 2 * margin;
  const double height = heading + static_cast<double>(rows) * row + margin;
  std::string svg = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" class="ebm-curves" role="img" viewBox="0 0 {0:.0f} {1:.0f}" )"
      R"(width="{0:.0f}" height="{1:.0f}" style="max-width:100%;height:auto">)"
      "\n<title>{2}</title>\n<style>\n{3}</style>\n"
      R"(<rect class="paper" width="{0:.0f}" height="{1:.0f}" rx="6"/>)"
      "\n"
      R"(<text x="{4:.0f}" y="30" font-size="18" font-weight="600">{2}</text>)"
      "\n"
      R"(<text x="{4:.0f}" y="48" class="muted">{5}</text>)"
      "\n",
      width, height, xml_escape(title), style, margin, caption_of(pictures));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    svg += fmt::format("<g transform=\"translate({:.1f} {:.1f})\">\n",
                       margin + column * static_cast<double>(i % columns),
                       heading + row * static_cast<double>(i / columns));
    svg += Painter(pictures[i], layout, false).painted() + "</g>\n";
  }
  return svg + "</svg>\n";
}

std::string_view curves_style() {
  return style;
}

std::string curve_look(std::size_t curve) {
  return fmt::format(R"(class="line k{}" stroke-dasharray="{}")", curve % curve_colours,
                     dashes[curve / curve_colours % dashes.size()]);
}

std::string panel_svg(const Panel& panel, double width) {
  constexpr std::size_t points = 400; // more are not seen, and a page has many curves
  const Picture picture = picture_of(panel, points);
  Layout layout = layout_of({&picture, 1}, width);
  layout.above_frame = 10;
  const double height = layout.height + layout.above_frame + (panel.x_label.empty() ? 28 : 48);
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" class="ebm-curves" role="group" aria-label="{2}" data-x="{3}" )"
      R"(viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}">)"
      "\n{4}</svg>\n",
      width, height, xml_escape(panel.title), xml_escape(panel.x_label),
      Painter(picture, layout, true).painted());
}

} // namespace ebm::experiments
