#include "experiments/program/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

#include "experiments/report/text_table.hpp"

namespace ebm::experiments {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr auto redraw_interval = 100ms;
constexpr auto heartbeat_interval = 30s;
constexpr std::size_t trials_with_a_line_each = 200, failures_with_a_line_each = 20;

constexpr const char* bold = "\033[1m";
constexpr const char* red = "\033[31m";

bool environment_has(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool bars_are_welcome() {
  return isatty(STDERR_FILENO) == 1 && environment_has("TERM") &&
         std::string_view(std::getenv("TERM")) != "dumb" && !environment_has("CI");
}

ProgressWindow terminal_window() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

/// In columns, for UTF-8 without wide characters.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

double fraction(std::uint64_t step, const TrialProgress& trial) {
  if (trial.steps_total == 0) return 0;
  return std::min(1.0, static_cast<double>(step) / static_cast<double>(trial.steps_total));
}

std::string bar(double filled, std::size_t length) {
  const auto full = static_cast<std::size_t>(filled * static_cast<double>(length));
  return fmt::format("  [{:#>{}}{:.>{}}]", "", full, "", length - full);
}

std::string steps(const TrialProgress& trial) {
  return trial.steps_total == 0 ? fmt::to_string(trial.step)
                                : fmt::format("{}/{}", trial.step, trial.steps_total);
}

std::string time_left(const TrialProgress& trial) {
  const auto left = seconds_left(trial);
  return left ? duration(*left) + " left" : "";
}

std::vector<std::string> table(const std::vector<TrialProgress>& trials, std::size_t columns) {
  std::size_t longest = 0, steps_width = 0, left_width = 0;
  for (const TrialProgress& trial : trials) {
    longest = std::max(longest, width(trial.name));
    steps_width = std::max(steps_width, steps(trial).size());
    left_width = std::max(left_width, time_left(trial).size());
  }
  constexpr std::size_t shortest_name = 4, shortest_bar = 8, longest_bar = 40;
  constexpr std::size_t frame = 4; // "  [" and "]"
  const std::size_t tail = 2 + steps_width + 2 + left_width;
  const std::size_t space = std::max(columns, tail) - tail;
  std::size_t name_width = std::min(longest, space * 2 / 3);
  const bool has_bar = space >= name_width + frame + shortest_bar;
  const std::size_t bar_width = has_bar ? std::min(longest_bar, space - name_width - frame) : 0;
  if (!has_bar) name_width = std::min(longest, std::max(space, shortest_name));

  std::vector<std::string> lines;
  for (const TrialProgress& trial : trials)
    lines.push_back(fmt::format("{:<{}.{}}{}  {:>{}}  {:>{}}", trial.name, name_width, name_width,
                                has_bar ? bar(fraction(trial.step, trial), bar_width) : "", steps(trial),
                                steps_width, time_left(trial), left_width));
  return lines;
}

std::string paint(const std::string& line, const char* colour) {
  return colour == nullptr ? line : colour + line + "\033[0m";
}

/// What replaces the `drawn` lines by the text above and the new lines.
std::string redraw(const std::vector<std::string>& drawn, const std::string& above,
                   const std::vector<std::string>& lines, std::size_t columns, const char* colour) {
  // A terminal that has become narrower since has wrapped the drawn lines.
  std::size_t rows = 0;
  for (const std::string& line : drawn)
    rows += std::max<std::size_t>(1, (width(line) + columns - 1) / columns);
  // Row by row, since terminals move a screen erased as a whole to their history.
  std::string text = "\r";
  for (; rows > 0; --rows) text += "\033[A\033[2K";
  text += above;
  if (lines.empty()) return text;
  text += "\033[?7l"; // no wrapping, should the window shrink now or a name hold wide characters
  text += paint(lines.front(), colour) + '\n';
  for (std::size_t i = 1; i < lines.size(); ++i) text += lines[i] + '\n';
  return text + "\033[?7h";
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string json_line(const char* event, double elapsed, const Json& more) {
  Json line{{"event", event}, {"elapsed_s", elapsed}};
  line.update(more);
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string heartbeat(const ProgressState& state) {
  const auto left = seconds_left(state);
  const Json left_s = left ? Json(*left) : Json();
  Json more{{"finished", state.finished}, {"trials", state.trials_total}, {"failed", state.failed}};
  more.update({{"running", state.running.size()}, {"left_s", left_s}});
  return json_line("progress", state.seconds, more);
}

} // namespace

std::optional<double> seconds_left(const TrialProgress& trial) {
  if (trial.steps_total == 0 || trial.step <= trial.first_step) return {};
  const std::uint64_t left = std::max(trial.steps_total, trial.step) - trial.step;
  return trial.seconds * static_cast<double>(left) / static_cast<double>(trial.step - trial.first_step);
}

std::optional<double> seconds_left(const ProgressState& state) {
  auto worked = static_cast<double>(state.finished - state.already_done);
  double remaining = static_cast<double>(state.trials_total) - static_cast<double>(state.finished);
  double slowest = 0;
  for (const TrialProgress& trial : state.running) {
    worked += fraction(trial.step, trial) - fraction(trial.first_step, trial);
    remaining -= fraction(trial.step, trial);
    slowest = std::max(slowest, seconds_left(trial).value_or(0));
  }
  if (worked <= 0) return {};
  return std::max(slowest, state.seconds * remaining / worked);
}

std::string summary(const ProgressState& state) {
  const auto left = state.finished < state.trials_total ? seconds_left(state) : std::nullopt;
  return fmt::format("[{}/{}] {} failed, {}{} running, {} elapsed", state.finished, state.trials_total,
                     state.failed, left ? fmt::format("~{} left, ", duration(*left)) : "",
                     state.running.size(), duration(state.seconds));
}

std::vector<std::string> render(const ProgressState& state, const ProgressWindow& window) {
  if (window.rows < 2) return {};
  const std::size_t shown = std::min(state.running.size(), window.rows - 2);
  const auto first = state.running.begin();
  std::vector<std::string> lines = table({first, first + static_cast<std::ptrdiff_t>(shown)}, window.columns);
  lines.insert(lines.begin(), summary(state));
  for (std::string& line : lines) line = fmt::format("{:.{}}", line, window.columns);
  return lines;
}

Progress::Progress(ProgressStyle style, std::size_t trials_total, std::size_t already_done)
    : mode_(mode(style)), colour_(mode_ == Mode::bars && !environment_has("NO_COLOR")),
      many_(trials_total > already_done + trials_with_a_line_each),
      counts_{trials_total, already_done, already_done, 0, 0, {}},
      thread_([this](const std::stop_token& stop) {
        mode_ == Mode::bars ? draw_bars(stop) : write_lines(stop);
      }) {}

Progress::Mode Progress::mode(ProgressStyle style) {
  if (style == ProgressStyle::quiet) return Mode::quiet;
  if (style == ProgressStyle::json) return Mode::json;
  return bars_are_welcome() ? Mode::bars : Mode::lines;
}

std::shared_ptr<Progress::Trial> Progress::start(std::string name, std::uint64_t steps_total) {
  // A line break would spoil the count of rows.
  std::ranges::replace_if(
      name, [](unsigned char c) { return c < ' ' || c == 0x7F; }, '?');
  auto trial = std::make_shared<Trial>(std::move(name), steps_total);
  const std::lock_guard lock(mutex_);
  std::erase_if(running_, [](const auto& other) { return other.expired(); });
  running_.push_back(trial);
  if (mode_ == Mode::json)
    pending_ += json_line("started", elapsed(), {{"trial", trial->name_}, {"steps", steps_total}});
  wake_.notify_one();
  return trial;
}

void Progress::finished(const Trial& trial, std::string_view status, std::string_view message) {
  const bool failed = status != "done";
  const double seconds = trial.seconds();
  const std::lock_guard lock(mutex_);
  std::erase_if(running_, [&](const auto& other) { return other.lock().get() == &trial; });
  ++counts_.finished;
  if (failed) ++counts_.failed;
  if (mode_ == Mode::json) {
    Json more{{"trial", trial.name_}, {"status", status}, {"message", message}, {"seconds", seconds}};
    more.update({{"finished", counts_.finished}, {"trials", counts_.trials_total}});
    pending_ += json_line("finished", elapsed(), more);
  } else if (failed || mode_ == Mode::lines) {
    const std::string line =
        fmt::format("[{}/{}] {} {} {} {}{}{}", counts_.finished, counts_.trials_total, trial.name_, status,
                    failed ? "after" : "in", duration(seconds), message.empty() ? "" : ": ", message);
    if (failed && counts_.failed == failures_with_a_line_each + 1)
      pending_ += "more failures: `ebm status` lists them\n";
    else if (failed ? counts_.failed <= failures_with_a_line_each : !many_)
      pending_ += paint(line, failed && colour_ ? red : nullptr) + '\n';
  }
  wake_.notify_one();
}

void Progress::log(std::string line) {
  if (mode_ == Mode::quiet) return;
  const std::lock_guard lock(mutex_);
  pending_ += mode_ == Mode::json ? json_line("log", elapsed(), {{"message", line}}) : line + '\n';
  wake_.notify_one();
}

double Progress::elapsed() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

ProgressState Progress::snapshot() const {
  ProgressState state = counts_;
  state.seconds = elapsed();
  for (const auto& handle : running_)
    if (const auto trial = handle.lock())
      state.running.push_back({trial->name_, trial->first_step_, trial->step_.load(std::memory_order_relaxed),
                               trial->steps_total_, trial->seconds()});
  return state;
}

void Progress::draw_bars(const std::stop_token& stop) {
  std::vector<std::string> drawn;
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    wake_.wait_for(lock, stop, redraw_interval, [] { return false; });
    last = stop.stop_requested();
    const std::string above = std::exchange(pending_, {});
    const ProgressState state = snapshot();
    lock.unlock();
    const ProgressWindow window = terminal_window();
    std::vector<std::string> lines;
    if (!last) lines = render(state, window);
    if (!above.empty() || lines != drawn)
      print(redraw(drawn, above, lines, window.columns, !colour_ ? nullptr : state.failed > 0 ? red : bold));
    drawn = std::move(lines);
    lock.lock();
  }
}

void Progress::write_lines(const std::stop_token& stop) {
  Clock::time_point written = Clock::now();
  Clock::time_point told = written; ///< the latest heartbeat
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    wake_.wait_for(lock, stop, heartbeat_interval, [&] { return !pending_.empty(); });
    last = stop.stop_requested();
    const Clock::time_point now = Clock::now();
    // With a line a trial, a heartbeat is for quiet times only; without, it is all there is.
    const bool due = now - (many_ ? told : written) >= heartbeat_interval;
    if (mode_ != Mode::quiet && (last ? many_ && mode_ == Mode::lines : due)) {
      pending_ += mode_ == Mode::json ? heartbeat(snapshot()) : summary(snapshot()) + '\n';
      told = now;
    }
    if (pending_.empty()) continue;
    const std::string text = std::exchange(pending_, {});
    written = now;
    lock.unlock();
    print(text);
    lock.lock();
  }
}

} // namespace ebm::experiments
