#include <algorithm>
#include <fmt/format.h>
#include <fstream>

#include "experiments/report/report_view.hpp"
#include "experiments/report/svg_text.hpp"

namespace ebm::experiments {
namespace {

constexpr std::size_t most_failures = 10, most_failure_lines = 200, log_lines = 8, line_width = 300;

/// The last lines of a file that may be long.
std::string last_lines(const std::filesystem::path& file, std::size_t count) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return "";
  constexpr std::streamoff most = 8192;
  const std::streamoff size = in.tellg(), length = std::min(size, most);
  std::string text(static_cast<std::size_t>(length), '\0');
  in.seekg(size - length);
  in.read(text.data(), length);
  text.resize(static_cast<std::size_t>(in.gcount()));
  while (text.ends_with('\n')) text.pop_back();
  std::vector<std::string> lines;
  for (std::size_t end = text.size(); lines.size() < count && end != text.npos;) {
    const std::size_t begin = end == 0 ? text.npos : text.rfind('\n', end - 1);
    const std::size_t first = begin == text.npos ? 0 : begin + 1;
    lines.push_back(shortened(text.substr(first, end - first), line_width));
    end = begin;
  }
  std::string joined;
  for (auto it = lines.rbegin(); it != lines.rend(); ++it) joined += (joined.empty() ? "" : "\n") + *it;
  return joined;
}

std::string state_mark(TrialState state) {
  const std::string name(name_of(state));
  return element("span", name, fmt::format(R"(class="state {}")", name));
}

std::string failure(const RunRecord& run, const Trial& t) {
  const TrialOutcome& o = run.outcomes[t.index];
  const std::string log = last_lines(run.trial_folder(t) / "log.txt", log_lines);
  return fmt::format("<article class=\"failure\">\n<h3>{} {}</h3>\n<p>{}</p>\n{}</article>\n",
                     state_mark(o.state), xml_escape(t.folder), xml_escape(shortened(o.message, 1000)),
                     log.empty() ? "" : element("pre", escape_lines(log)) + "\n");
}

/// A line of resolved.yaml: key, value and, in small print, where the value came from.
std::string configuration_line(std::string_view line) {
  const std::size_t margin = std::min(line.find_first_not_of(' '), line.size());
  if (margin < line.size() && line[margin] == '#') return element("i", xml_escape(line));
  const std::size_t mark = line.rfind("  # ");
  const std::string_view origin = mark == line.npos ? "" : line.substr(mark);
  const std::string_view rest = line.substr(0, line.size() - origin.size());
  const std::size_t colon = rest.find(": ");
  const std::string_view key = colon == rest.npos ? rest : rest.substr(0, colon + 1);
  const std::string_view value = colon == rest.npos ? "" : rest.substr(colon + 1);
  const bool given = origin != "  # default";
  return xml_escape(key) +
         (value.empty() ? ""
          : given       ? element("b", xml_escape(value))
                        : xml_escape(value)) +
         (origin.empty() ? "" : element("i", xml_escape(origin)));
}

/// As one would type it.
std::string shell_word(const std::string& word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

using Json = nlohmann::ordered_json;

/// The strings of a list, nothing if it is none.
std::vector<std::string> strings(const Json& object, const char* key) {
  std::vector<std::string> list;
  if (object.is_object() && object.contains(key) && object[key].is_array())
    for (const Json& item : object[key])
      if (item.is_string()) list.push_back(item);
  return list;
}

std::string cell_text(const Json& value) {
  if (value.is_string()) return value;
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value)
    text += (text.empty() ? "" : " ") + (item.is_string() ? shell_word(item) : item.dump());
  return text;
}

} // namespace

std::string failures_section(const ReportView& view) {
  const RunRecord& run = view.run();
  std::string shown, listed;
  std::size_t count = 0;
  for (const Trial& t : run.trials) {
    const TrialOutcome& o = run.outcomes[t.index];
    if (!has_failed(o.state)) continue;
    if (++count <= most_failures)
      shown += failure(run, t);
    else if (count <= most_failures + most_failure_lines)
      listed += fmt::format("<li>{} {}: {}</li>\n", state_mark(o.state), xml_escape(t.folder),
                            xml_escape(shortened(o.message, line_width)));
  }
  if (!listed.empty()) shown += "<ul class=\"plain\">\n" + listed + "</ul>\n";
  if (count > most_failures + most_failure_lines)
    shown += paragraph(
        fmt::format("And {} more: summary.md has them all.", count - most_failures - most_failure_lines),
        "note");
  return section("Failures and divergences", "failures", shown);
}

std::string configuration_section(const ReportView& view) {
  std::string lines;
  std::string_view left = view.run().resolved;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    lines += configuration_line(left.substr(0, end)) + "\n";
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  if (lines.empty()) return "";
  return section("Configuration", "configuration",
                 "<details>\n<summary>Every option, and where its value came from</summary>\n" +
                     element("pre", lines, R"(class="configuration")") + "\n</details>\n");
}

std::string provenance_section(const ReportView& view) {
  const Json& p = view.run().provenance;
  if (!p.contains("processes") || !p["processes"].is_array() || p["processes"].empty()) return "";
  const Json& processes = p["processes"];
  HtmlTable table("Where and how the run was made", {{"what"}, {"the latest process"}});
  for (const auto& [key, value] : p.items())
    if (key != "processes") table.add({xml_escape(key), xml_escape(cell_text(value))});
  if (processes.back().is_object())
    for (const auto& [key, value] : processes.back().items())
      table.add({xml_escape(key), xml_escape(cell_text(value))});
  std::string markup = table.markup();
  if (processes.size() > 1) {
    HtmlTable all("All processes that worked on the run",
                  {{"started"}, {"host"}, {"ebm"}, {"threads", true}, {"arguments"}});
    for (const Json& one : processes) {
      std::vector<std::string> cells;
      for (const char* key : {"started", "host", "ebm", "threads", "arguments"})
        cells.push_back(one.is_object() && one.contains(key) ? xml_escape(cell_text(one[key])) : "–");
      all.add(cells);
    }
    markup +=
        paragraph(fmt::format("{} processes worked on the run.", processes.size()), "note") + all.markup();
  }
  return section("Provenance", "provenance", markup);
}

std::string repeat_section(const ReportView& view) {
  const RunRecord& run = view.run();
  std::string command = "ebm run experiment.yaml";
  for (const std::string& o : strings(run.provenance, "overrides"))
    command += o.starts_with("-S ") ? " -S " + shell_word(o.substr(3)) : " " + shell_word(o);
  const auto folder = run.folder.has_filename() ? run.folder : run.folder.parent_path();
  return section(
      "How to repeat", "repeat",
      paragraph("From the experiment file, of which the run's folder holds a copy, or from the run itself:",
                "note") +
          element("pre", xml_escape(command) + "\n" +
                             xml_escape("ebm run --repeat " + shell_word(folder.filename().string()))) +
          "\n");
}

} // namespace ebm::experiments
