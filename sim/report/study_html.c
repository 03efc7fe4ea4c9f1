/* SPDX-License-Identifier: Apache-2.0 */
/* A study's table and plots as one HTML file that needs no other. */
#include "study.h"

#include <stdlib.h>
#include <string.h>

#define OPEN_ROWS 200u /* a longer table is folded */

static const char style_sheet[] =
	":root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#1b1f24;--soft:#5b6570;"
	"--line:#dfe3e8;--good:#00733f;--bad:#b3261e;--code:#eef1f4}\n"
	"@media(prefers-color-scheme:dark){:root{--page:#0e1115;--card:#15191e;--ink:#e6e9ed;"
	"--soft:#9aa5b1;--line:#2b323a;--good:#5fd39a;--bad:#ff8f86;--code:#1d232a}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;background:var(--page);color:var(--ink);"
	"font:15px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif}\n"
	"main{max-width:1180px;margin:0 auto;padding:32px 20px 64px}\n"
	"h1{font-size:26px;line-height:1.25;margin:0 0 8px}h2{font-size:18px;margin:36px 0 12px}\n"
	"p.about{max-width:76ch;margin:0 0 16px;color:var(--soft)}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:0;"
	"padding:14px 18px;background:var(--card);border:1px solid var(--line);border-radius:8px}\n"
	"dt{color:var(--soft)}dd{margin:0;min-width:0;overflow-wrap:anywhere}\n"
	"code{font:13px ui-monospace,Menlo,Consolas,monospace;background:var(--code);"
	"padding:1px 5px;border-radius:4px}\n"
	".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(520px,100%),1fr));"
	"gap:16px}\n"
	".plots svg{width:100%;height:auto;display:block;border:1px solid var(--line);"
	"border-radius:8px;background:var(--card)}\n"
	".rows{overflow:auto;max-height:78vh;border:1px solid var(--line);border-radius:8px;"
	"background:var(--card)}\n"
	"table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:5px 12px;text-align:left;white-space:nowrap;border-bottom:1px solid var(--line)}\n"
	"th{position:sticky;top:0;background:var(--card);font-weight:600}\n"
	"th small{display:block;font-weight:400;color:var(--soft)}\n"
	".n{text-align:right}tbody tr:hover{background:var(--code)}\n"
	"tbody tr:last-child td{border-bottom:0}\n"
	".pass{color:var(--good)}.fail,.error{color:var(--bad);font-weight:600}\n"
	"td.message{white-space:normal;min-width:24ch}\n"
	"summary{cursor:pointer;margin:0 0 10px;color:var(--soft)}\n"
	"footer{margin-top:28px;color:var(--soft);font-size:13px}\n";

static void write_entry(FILE *out, const char *name, const char *text, bool code)
{
	fprintf(out, "<dt>%s</dt><dd>%s", name, code ? "<code>" : "");
	xml_text(out, text);
	fprintf(out, "%s</dd>\n", code ? "</code>" : "");
}

static void write_parameters(FILE *out, const struct study *s)
{
	for (size_t i = 0; i < s->parameter_count; i++) {
		const struct study_parameter *p = &s->parameters[i];

		fputs("<dt>", out);
		xml_text(out, p->title);
		fprintf(out, "</dt><dd>%llu value%s", p->count, p->count == 1 ? "" : "s");
		for (size_t j = 0; j < p->path_count; j++) {
			fputs(j ? ", <code>" : " of <code>", out);
			xml_text(out, p->paths[j].text);
			fputs("</code>", out);
		}
		fputs("</dd>\n", out);
	}
}

static void write_verdicts(FILE *out, const struct study_table *table)
{
	struct study_counts counts = study_count(table);

	fputs("<dt>points</dt><dd>", out);
	if (table->count < table->study->points)
		fprintf(out, "%zu of %llu: ", table->count, table->study->points);
	else
		fprintf(out, "%zu: ", table->count);
	fprintf(out, "<span class=\"pass\">%zu passed</span>", counts.passed);
	if (counts.failed)
		fprintf(out, ", <span class=\"fail\">%zu failed</span>", counts.failed);
	if (counts.errors)
		fprintf(out, ", <span class=\"error\">%zu ended in errors</span>", counts.errors);
	fputs("</dd>\n", out);
}

static void write_facts(FILE *out, const struct study_table *table)
{
	const struct study *s = table->study;
	char *kernels = NULL;
	size_t size;
	FILE *list = open_memstream(&kernels, &size);

	for (size_t i = 0; list && i < s->kernel_count; i++)
		fprintf(list, "%s%s", i ? ", " : "", s->kernels[i]);
	if (list)
		fclose(list);
	fputs("<dl>\n", out);
	write_verdicts(out, table);
	write_parameters(out, s);
	write_entry(out, s->kernel_count > 1 ? "kernels" : "kernel", kernels ? kernels : "", false);
	write_entry(out, "scenario", s->base_file, true);
	write_entry(out, "again", table->command, true);
	fputs("</dl>\n", out);
	free(kernels);
}

static void write_plots(FILE *out, const struct study_table *table)
{
	struct study_plot plots[STUDY_PLOTS_MAX];
	size_t count = study_plots(table, plots);

	if (!count || !table->count)
		return;
	fputs("<h2>Plots</h2>\n<div class=\"plots\">\n", out);
	for (size_t i = 0; i < count; i++)
		study_plot_write(out, table, &plots[i], false);
	fputs("</div>\n", out);
}

/* ---- the table ---- */

static bool is_number(const char *text)
{
	return !*text || (*text >= '0' && *text <= '9') || *text == '-';
}

/* Columns up to those that a reader of the page has no use for; the message only where there is one. */
static size_t columns_shown(const struct study_table *table)
{
	struct table_columns c = table_columns(table->study);

	for (size_t i = 0; i < table->count; i++)
		if (*study_cell(table, i, c.message))
			return c.inputs;
	return c.message;
}

static void write_head(FILE *out, const struct study_table *table)
{
	const struct study *s = table->study;
	struct table_columns c = table_columns(s);
	size_t shown = columns_shown(table);

	fputs("<thead><tr>", out);
	for (size_t i = 0; i < shown; i++) {
		const struct study_metric *m =
			i >= c.metric && i < c.verdict ? &s->metrics[i - c.metric] : NULL;

		fprintf(out, "<th%s>", i < c.verdict && i != c.kernel ? " class=\"n\"" : "");
		xml_text(out, table_column_name(s, i));
		if (m && m->unit) {
			fputs("<small>", out);
			xml_text(out, m->unit);
			fputs("</small>", out);
		}
		fputs("</th>", out);
	}
	fputs("</tr></thead>\n", out);
}

static void write_row(FILE *out, const struct study_table *table, size_t row, size_t shown)
{
	struct table_columns c = table_columns(table->study);

	fputs("<tr title=\"", out);
	xml_text(out, study_cell(table, row, c.command));
	fputs("\">", out);
	for (size_t i = 0; i < shown; i++) {
		const char *text = study_cell(table, row, i);

		if (i == c.verdict)
			fprintf(out, "<td class=\"%s\">",
				strcmp(text, "pass") == 0   ? "pass"
				: strcmp(text, "fail") == 0 ? "fail"
							    : "error");
		else if (i == c.message)
			fputs("<td class=\"message\">", out);
		else
			fprintf(out, "<td%s>",
				i != c.kernel && is_number(text) ? " class=\"n\"" : "");
		xml_text(out, text);
		fputs("</td>", out);
	}
	fputs("</tr>\n", out);
}

static void write_table(FILE *out, const struct study_table *table)
{
	bool folded = table->count > OPEN_ROWS;
	size_t shown = columns_shown(table);

	fputs("<h2>Points</h2>\n", out);
	if (folded)
		fprintf(out, "<details><summary>%zu rows</summary>\n", table->count);
	fputs("<div class=\"rows\"><table>\n", out);
	write_head(out, table);
	fputs("<tbody>\n", out);
	for (size_t i = 0; i < table->count; i++)
		write_row(out, table, i, shown);
	fputs("</tbody></table></div>\n", out);
	if (folded)
		fputs("</details>\n", out);
}

void report_study_html(FILE *out, const struct study_table *table)
{
	const struct study *s = table->study;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
	      out);
	xml_text(out, s->name);
	fputs("</title>\n<style>\n", out);
	fputs(style_sheet, out);
	plot_write_style(out);
	fputs("</style>\n</head>\n<body>\n<main>\n<h1>", out);
	xml_text(out, s->name);
	fputs("</h1>\n", out);
	if (s->about) {
		fputs("<p class=\"about\">", out);
		xml_text(out, s->about);
		fputs("</p>\n", out);
	}
	write_facts(out, table);
	write_plots(out, table);
	write_table(out, table);
	fprintf(out,
		"<footer>Any point alone: the command above with <code>--point N</code>; its "
		"scenario: <code>--print-point N</code>. vtdsim %s</footer>\n"
		"</main>\n</body>\n</html>\n",
		VTDSIM_VERSION);
}
