/* SPDX-License-Identifier: Apache-2.0 */
/* Lines and clouds of points as SVG, and what plots of all kinds share. */
#include "plot_private.h"

#include "style.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLOURS 8u
#define LEGEND_WIDTH 150
#define LEGEND_MAX 16u /* names that fit */

/* ---- texts ---- */

void xml_text(FILE *out, const char *text)
{
	char *clean = clean_text(text, false);

	for (const char *p = clean; p && *p; p++) {
		switch (*p) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*p, out);
		}
	}
	free(clean);
}

void plot_write_text(FILE *out, struct plot_text at, const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", at.x, at.y,
		at.anchor, at.style);
	xml_text(out, text);
	fputs("</text>\n", out);
}

/* Three digits that count, without zeros behind the point. */
static void three_digits(double value, char text[32])
{
	int before = value == 0 ? 0 : (int)floor(log10(fabs(value)));
	char *end;

	snprintf(text, 32, "%.*f", before >= 2 ? 0 : before >= -6 ? 2 - before : 8, value);
	if (!strchr(text, '.'))
		return;
	end = text + strlen(text);
	while (end[-1] == '0')
		*--end = '\0';
	if (end[-1] == '.')
		*--end = '\0';
}

/* Times change their unit, all else takes a prefix. */
void plot_number(double value, const char *unit, char text[PLOT_NUMBER_SIZE])
{
	static const char *const times[] = { "ns", "us", "ms", "s" };
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P" };
	const char *const *names = prefixes;
	bool is_time = unit && strcmp(unit, "ns") == 0;
	size_t most = is_time ? 3 : 5, index = 0;
	char digits[32];

	if (is_time)
		names = times;
	while (fabs(value) >= 999.5 && index < most) {
		value /= 1000;
		index++;
	}
	three_digits(value, digits);
	snprintf(text, PLOT_NUMBER_SIZE, "%s%s%s%.24s", digits, unit && *unit ? " " : "",
		 names[index], unit && !is_time ? unit : "");
}

void plot_write_style(FILE *out)
{
	static const char *const light[COLOURS] = { "#0072b2", "#d55e00", "#00875f", "#b8568f",
						    "#b87800", "#2f95cc", "#6f4bb8", "#5c5c5c" };
	static const char *const dark[COLOURS] = { "#4aa8e8", "#ff8a4c", "#3ccf9e", "#e79ac7",
						   "#ffc04d", "#9ad8ff", "#b39af5", "#bdbdbd" };

	fputs(".plot{--page:#fff;--ink:#1b1f24;--soft:#5b6570;--line:#dfe3e8;--edge:#9aa4af", out);
	for (size_t i = 0; i < COLOURS; i++)
		fprintf(out, ";--c%zu:%s", i, light[i]);
	fputs("}\n@media(prefers-color-scheme:dark){.plot{--page:#15191e;--ink:#e6e9ed;"
	      "--soft:#9aa5b1;--line:#2b323a;--edge:#5b6570",
	      out);
	for (size_t i = 0; i < COLOURS; i++)
		fprintf(out, ";--c%zu:%s", i, dark[i]);
	fputs("}}\n"
	      ".plot text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif;fill:var(--ink)}\n"
	      ".plot .page{fill:var(--page)}\n"
	      ".plot text.title{font-size:15px;font-weight:600}\n"
	      ".plot text.soft{fill:var(--soft)}\n"
	      ".plot text.on-dark{fill:#fff}.plot text.on-light{fill:#10151a}\n"
	      ".plot .grid{stroke:var(--line);stroke-width:1}\n"
	      ".plot .edge{stroke:var(--edge);stroke-width:1;fill:none}\n"
	      ".plot .run{fill:none;stroke-width:2;stroke-linejoin:round}\n"
	      ".plot .dashed{stroke-dasharray:6 4}\n",
	      out);
	for (size_t i = 0; i < COLOURS; i++)
		fprintf(out, ".plot .c%zu{stroke:var(--c%zu)}.plot circle.c%zu{fill:var(--c%zu)}\n",
			i, i, i, i);
	fputs(".plot circle{stroke-width:0}.plot .cloud{fill-opacity:.65}\n", out);
}

void plot_begin(FILE *out, const char *title, const char *note, bool standalone)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" "
		"viewBox=\"0 0 %d %d\"%s>\n<title>",
		PLOT_WIDTH, PLOT_HEIGHT, standalone ? " width=\"760\" height=\"400\"" : "");
	xml_text(out, title);
	fputs("</title>\n", out);
	if (standalone) {
		fputs("<style>\n", out);
		plot_write_style(out);
		fputs("</style>\n", out);
	}
	fprintf(out, "<rect class=\"page\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", PLOT_WIDTH,
		PLOT_HEIGHT);
	plot_write_text(out, (struct plot_text){ 16, 26, "start", "title" }, title);
	if (note)
		plot_write_text(out, (struct plot_text){ 16, 46, "start", "soft" }, note);
}

void plot_end(FILE *out)
{
	fputs("</svg>\n", out);
}

/* ---- axes ---- */

#define TICKS_MAX 24u

/* An axis as drawn. */
struct drawn_axis {
	enum plot_scale scale;
	double min, max; /* logarithms where the scale is one */
	double from, length; /* in the picture; length below 0: upwards */
	struct plot_tick ticks[TICKS_MAX];
	char labels[TICKS_MAX][PLOT_NUMBER_SIZE];
	size_t tick_count;
};

static double scaled(enum plot_scale scale, double value)
{
	return scale == PLOT_LOG ? log2(value) : value;
}

static double place_on(const struct drawn_axis *axis, double value)
{
	double span = axis->max - axis->min;
	double part = span > 0 ? (scaled(axis->scale, value) - axis->min) / span : 0.5;

	return axis->from + part * axis->length;
}

static void find_extent(const struct plot *plot, bool vertical, double *min, double *max)
{
	*min = INFINITY;
	*max = -INFINITY;
	for (size_t i = 0; i < plot->series_count; i++)
		for (size_t j = 0; j < plot->series[i].count; j++) {
			const struct plot_mark *mark = &plot->series[i].marks[j];
			double value = vertical ? mark->y : mark->x;

			*min = fmin(*min, value);
			*max = fmax(*max, value);
		}
	if (*min > *max)
		*min = *max = 1;
}

static void add_tick(struct drawn_axis *axis, double at, const char *unit)
{
	size_t i = axis->tick_count;

	if (i == TICKS_MAX)
		return;
	/* the title says the unit, but for one that the numbers change */
	plot_number(at, unit && strcmp(unit, "ns") == 0 ? unit : NULL, axis->labels[i]);
	axis->ticks[i] = (struct plot_tick){ at, axis->labels[i] };
	axis->tick_count++;
}

/* 1, 2 or 5 times a power of ten, so that about so many fit. */
static double nice_step(double span, int wanted)
{
	double raw = span / wanted, power = pow(10, floor(log10(raw)));
	double digit = raw / power;

	return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

static void choose_linear(struct drawn_axis *axis, const char *unit)
{
	double step;

	if (axis->min > 0 && axis->min < 0.8 * axis->max)
		axis->min = 0;
	if (!(axis->max > axis->min)) {
		axis->min = fmin(0, axis->min);
		axis->max = axis->max > axis->min ? axis->max : axis->min + 1;
	}
	step = nice_step(axis->max - axis->min, 5);
	axis->min = floor(axis->min / step + 1e-9) * step;
	axis->max = ceil(axis->max / step - 1e-9) * step;
	for (int i = 0; axis->min + i * step <= axis->max + step / 2; i++)
		add_tick(axis, axis->min + i * step, unit);
}

static void choose_log(struct drawn_axis *axis, const char *unit)
{
	static const double digits[] = { 1, 2, 5 };
	double low = axis->min, high = axis->max;
	int decade = (int)floor(log10(low)), last = (int)ceil(log10(high));
	bool fine = log10(high / low) < 3;

	axis->min = log2(low) - 0.1;
	axis->max = log2(high) + 0.1;
	for (; decade <= last; decade++)
		for (size_t i = 0; i < (fine ? 3 : 1); i++) {
			double at = digits[i] * pow(10, decade);

			if (log2(at) >= axis->min && log2(at) <= axis->max)
				add_tick(axis, at, unit);
		}
}

/* Given ticks, so few that their labels do not meet. */
static void take_ticks(struct drawn_axis *axis, const struct plot_axis *wanted, size_t most)
{
	size_t step = (wanted->tick_count + most - 1) / most;

	for (size_t i = 0; i < wanted->tick_count && axis->tick_count < TICKS_MAX; i += step)
		axis->ticks[axis->tick_count++] = wanted->ticks[i];
	axis->min = scaled(axis->scale, axis->min);
	axis->max = scaled(axis->scale, axis->max);
	if (axis->scale == PLOT_EQUAL) {
		axis->min = -0.5;
		axis->max = fmax(axis->max, (double)wanted->tick_count - 1) + 0.5;
	}
}

/* In place: labels point into the axis. */
static void draw_axis(const struct plot *plot, bool vertical, struct drawn_axis *axis)
{
	const struct plot_axis *wanted = vertical ? &plot->y : &plot->x;

	axis->scale = wanted->scale;
	find_extent(plot, vertical, &axis->min, &axis->max);
	if (axis->scale == PLOT_LOG && !(axis->min > 0))
		axis->scale = PLOT_LINEAR;
	if (wanted->ticks)
		take_ticks(axis, wanted, 14);
	else if (axis->scale == PLOT_LOG)
		choose_log(axis, wanted->unit);
	else
		choose_linear(axis, wanted->unit);
}

static void write_axes(FILE *out, const struct plot *plot, const struct plot_area *area,
		       const struct drawn_axis axes[2])
{
	double bottom = area->top + area->height;

	for (size_t i = 0; i < axes[1].tick_count; i++) {
		double y = place_on(&axes[1], axes[1].ticks[i].at);

		fprintf(out,
			"<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
			area->left, y, area->left + area->width, y);
		plot_write_text(out, (struct plot_text){ area->left - 8, y + 4, "end", "soft" },
				axes[1].ticks[i].label);
	}
	for (size_t i = 0; i < axes[0].tick_count; i++) {
		double x = place_on(&axes[0], axes[0].ticks[i].at);

		fprintf(out,
			"<line class=\"edge\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
			x, bottom, x, bottom + 5);
		plot_write_text(out, (struct plot_text){ x, bottom + 19, "middle", "soft" },
				axes[0].ticks[i].label);
	}
	fprintf(out, "<line class=\"edge\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
		area->left, bottom, area->left + area->width, bottom);
	plot_write_text(out,
			(struct plot_text){ area->left + area->width / 2, PLOT_HEIGHT - 12.0,
					    "middle", "soft" },
			plot->x.title);
}

/* ---- series ---- */

static void write_line(FILE *out, const struct plot_series *series, size_t number,
		       const struct drawn_axis axes[2])
{
	fprintf(out, "<polyline class=\"run c%zu%s\" points=\"", number % COLOURS,
		number >= COLOURS ? " dashed" : "");
	for (size_t i = 0; i < series->count; i++)
		fprintf(out, "%s%.1f,%.1f", i ? " " : "", place_on(&axes[0], series->marks[i].x),
			place_on(&axes[1], series->marks[i].y));
	fputs("\"/>\n", out);
}

static void write_marks(FILE *out, const struct plot *plot, size_t number,
			const struct drawn_axis axes[2])
{
	const struct plot_series *series = &plot->series[number];
	char text[PLOT_NUMBER_SIZE];

	for (size_t i = 0; i < series->count; i++) {
		fprintf(out, "<circle class=\"c%zu%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\"><title>",
			number % COLOURS, plot->scatter ? " cloud" : "",
			place_on(&axes[0], series->marks[i].x),
			place_on(&axes[1], series->marks[i].y));
		if (series->name) {
			xml_text(out, series->name);
			fputs(": ", out);
		}
		plot_number(series->marks[i].y, plot->y.unit, text);
		xml_text(out, text);
		fputs("</title></circle>\n", out);
	}
}

static void write_legend(FILE *out, const struct plot *plot, double left)
{
	double y = PLOT_TOP + 6;

	if (plot->series_title) {
		plot_write_text(out, (struct plot_text){ left, y, "start", "soft" },
				plot->series_title);
		y += 18;
	}
	for (size_t i = 0; i < plot->series_count; i++, y += 18) {
		char more[40];

		if (i == LEGEND_MAX - 1 && plot->series_count > LEGEND_MAX) {
			snprintf(more, sizeof(more), "and %zu more", plot->series_count - i);
			plot_write_text(out, (struct plot_text){ left, y, "start", "soft" }, more);
			return;
		}
		fprintf(out,
			"<line class=\"run c%zu%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
			i % COLOURS, i >= COLOURS ? " dashed" : "", left, y - 4, left + 18, y - 4);
		plot_write_text(out, (struct plot_text){ left + 26, y, "start", "name" },
				plot->series[i].name);
	}
}

void plot_write(FILE *out, const struct plot *plot, bool standalone)
{
	bool legend = plot->series_count > 1;
	struct plot_area area = { .left = 78, .top = PLOT_TOP };
	struct drawn_axis axes[2] = { 0 };

	area.width = PLOT_WIDTH - area.left - (legend ? LEGEND_WIDTH + 22 : 28);
	area.height = PLOT_HEIGHT - PLOT_TOP - PLOT_BOTTOM;
	axes[0].from = area.left + 10;
	axes[0].length = area.width - 20;
	axes[1].from = area.top + area.height;
	axes[1].length = -area.height;
	draw_axis(plot, false, &axes[0]);
	draw_axis(plot, true, &axes[1]);
	plot_begin(out, plot->title, plot->note, standalone);
	write_axes(out, plot, &area, axes);
	for (size_t i = 0; !plot->scatter && i < plot->series_count; i++)
		write_line(out, &plot->series[i], i, axes);
	for (size_t i = 0; i < plot->series_count; i++)
		write_marks(out, plot, i, axes);
	if (legend)
		write_legend(out, plot, area.left + area.width + 22);
	plot_end(out);
}
