/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plots as SVG: lines, clouds of points, and heat maps. Colours follow the reader's light or dark scheme. What is plotted
 * is not known here.
 */
#ifndef SIM_REPORT_PLOT_H
#define SIM_REPORT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** How values lie along an axis. */
enum plot_scale {
	PLOT_LINEAR,
	PLOT_LOG, /* all values above 0 */
	PLOT_EQUAL, /* values are numbers of labels */
};

struct plot_tick {
	double at;
	const char *label;
};

/** An axis. */
struct plot_axis {
	const char *title;
	const char *unit; /* or NULL */
	enum plot_scale scale;
	const struct plot_tick *ticks; /* NULL: chosen by the values */
	size_t tick_count;
};

struct plot_mark {
	double x, y;
};

/** What belongs together: a line, or points of one colour. In the order of x. */
struct plot_series {
	const char *name;
	const struct plot_mark *marks;
	size_t count;
};

struct plot {
	const char *title;
	const char *note; /* a line below the title, or NULL */
	struct plot_axis x, y;
	const char *series_title; /* above the names of series */
	const struct plot_series *series;
	size_t series_count;
	bool scatter; /* no lines */
};

struct heat_map {
	const char *title, *note, *unit;
	const char *x_title, *y_title;
	const char *const *x_labels, *const *y_labels;
	size_t columns, rows;
	const double *values; /* rows * columns, the lowest row first; NaN: nothing there */
};

/** Writes the style sheet that plots go by, without its element. */
void plot_write_style(FILE *out);

/** Writes an SVG element. standalone: with its own style, as a file. */
void plot_write(FILE *out, const struct plot *plot, bool standalone);
void heat_map_write(FILE *out, const struct heat_map *map, bool standalone);

#define PLOT_NUMBER_SIZE 64 /* bytes that a number takes with unit and end */

/** "67.2M", "1.25 us" for 1250 of unit ns, "0.318", with the unit behind it. */
void plot_number(double value, const char *unit, char text[PLOT_NUMBER_SIZE]);

/** Writes a text with what XML has for its marks. */
void xml_text(FILE *out, const char *text);

#endif
