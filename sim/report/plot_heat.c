/* SPDX-License-Identifier: Apache-2.0 */
/* Heat maps as SVG. */
#include "plot_private.h"

#include <math.h>
#include <string.h>

#define CELLS_WITH_TEXT 240u

/* Colours of rising brightness, readable by the colour-blind: five of matplotlib's viridis (CC0). */
static const unsigned char stops[][3] = {
	{ 0x44, 0x01, 0x54 }, { 0x3b, 0x52, 0x8b }, { 0x21, 0x91, 0x8c },
	{ 0x5e, 0xc9, 0x62 }, { 0xfd, 0xe7, 0x25 },
};

#define STOPS (sizeof(stops) / sizeof(stops[0]))

/* part: 0..1 */
static void colour_at(double part, unsigned char colour[3])
{
	double place = part * (STOPS - 1);
	size_t below = place >= STOPS - 1 ? STOPS - 2 : (size_t)place;

	for (size_t i = 0; i < 3; i++)
		colour[i] = (unsigned char)(stops[below][i] +
					    (place - (double)below) *
						    (stops[below + 1][i] - stops[below][i]) +
					    0.5);
}

static void find_extent(const struct heat_map *map, double *min, double *max)
{
	*min = INFINITY;
	*max = -INFINITY;
	for (size_t i = 0; i < map->rows * map->columns; i++) {
		if (isnan(map->values[i]))
			continue;
		*min = fmin(*min, map->values[i]);
		*max = fmax(*max, map->values[i]);
	}
}

static double part_of(double value, double min, double max)
{
	return max > min ? (value - min) / (max - min) : 0.5;
}

/* One cell of the map. */
struct cell {
	double x, y, width, height;
	double value, part;
};

static void write_cell(FILE *out, const struct heat_map *map, const struct cell *cell)
{
	bool has_text = cell->width >= 30 && cell->height >= 13 &&
			map->rows * map->columns <= CELLS_WITH_TEXT;
	unsigned char c[3];
	char text[PLOT_NUMBER_SIZE];

	colour_at(cell->part, c);
	plot_number(cell->value, map->unit, text);
	fprintf(out,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
		"fill=\"#%02x%02x%02x\"><title>",
		cell->x, cell->y, cell->width, cell->height, c[0], c[1], c[2]);
	xml_text(out, text);
	fputs("</title></rect>\n", out);
	if (!has_text)
		return;
	plot_number(cell->value, map->unit && !strcmp(map->unit, "ns") ? "ns" : NULL, text);
	plot_write_text(out,
			(struct plot_text){ cell->x + cell->width / 2,
					    cell->y + cell->height / 2 + 4, "middle",
					    cell->part < 0.6 ? "on-dark" : "on-light" },
			text);
}

static void write_cells(FILE *out, const struct heat_map *map, const struct plot_area *area)
{
	double width = area->width / (double)map->columns;
	double height = area->height / (double)map->rows;
	double min, max;

	find_extent(map, &min, &max);
	for (size_t row = 0; row < map->rows; row++)
		for (size_t column = 0; column < map->columns; column++) {
			double value = map->values[row * map->columns + column];
			struct cell cell = {
				.x = area->left + width * (double)column + 0.5,
				.y = area->top + area->height - height * (double)(row + 1) + 0.5,
				.width = width - 1,
				.height = height - 1,
				.value = value,
				.part = part_of(value, min, max),
			};

			if (!isnan(value))
				write_cell(out, map, &cell);
		}
}

/* Labels of one side, so few that they do not meet. */
static void write_labels(FILE *out, const struct heat_map *map, const struct plot_area *area)
{
	size_t step_x = (map->columns + 13) / 14, step_y = (map->rows + 17) / 18;
	double width = area->width / (double)map->columns;
	double height = area->height / (double)map->rows;
	double bottom = area->top + area->height;

	for (size_t i = 0; i < map->columns; i += step_x)
		plot_write_text(out,
				(struct plot_text){ area->left + width * ((double)i + 0.5),
						    bottom + 17, "middle", "soft" },
				map->x_labels[i]);
	for (size_t i = 0; i < map->rows; i += step_y)
		plot_write_text(out,
				(struct plot_text){ area->left - 8,
						    bottom - height * ((double)i + 0.5) + 4, "end",
						    "soft" },
				map->y_labels[i]);
	plot_write_text(out,
			(struct plot_text){ area->left + area->width / 2, PLOT_HEIGHT - 12.0,
					    "middle", "soft" },
			map->x_title);
	plot_write_text(out, (struct plot_text){ area->left - 8, area->top - 6, "end", "soft" },
			map->y_title);
}

static void write_scale(FILE *out, const struct heat_map *map, const struct plot_area *area)
{
	double x = area->left + area->width + 20, height = area->height / 32;
	double min, max;
	char text[PLOT_NUMBER_SIZE];

	find_extent(map, &min, &max);
	if (!(max >= min))
		return;
	for (size_t i = 0; i < 32; i++) {
		unsigned char c[3];

		colour_at(((double)i + 0.5) / 32, c);
		fprintf(out,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"%.1f\" "
			"fill=\"#%02x%02x%02x\"/>\n",
			x, area->top + area->height - height * (double)(i + 1), height + 0.4, c[0],
			c[1], c[2]);
	}
	plot_number(max, map->unit, text);
	plot_write_text(out, (struct plot_text){ x + 20, area->top + 10, "start", "soft" }, text);
	plot_number(min, map->unit, text);
	plot_write_text(
		out, (struct plot_text){ x + 20, area->top + area->height, "start", "soft" }, text);
}

void heat_map_write(FILE *out, const struct heat_map *map, bool standalone)
{
	struct plot_area area = { .left = 96, .top = PLOT_TOP + 8 };

	area.width = PLOT_WIDTH - area.left - 130;
	area.height = PLOT_HEIGHT - area.top - PLOT_BOTTOM;
	plot_begin(out, map->title, map->note, standalone);
	write_cells(out, map, &area);
	write_labels(out, map, &area);
	write_scale(out, map, &area);
	plot_end(out);
}
