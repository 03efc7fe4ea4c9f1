// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel's log, its warnings and its end. How an oops gets out of the kernel is left to context.c.
 */
#include "state.h"

#include <linux/bug.h>
#include <linux/device.h>
#include <linux/printk.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL_DEFAULT 4
#define LEVEL_ERR 3
#define PRINTK_BURST 10

const char *kernel_short_path(const char *path)
{
	static const char root[] = "kernel-shim/";
	const char *found;

	if (!path)
		return "an unknown place";
	found = strstr(path, root);
	return found ? found + strlen(root) : path;
}

/* Takes the level off the front of a text. */
static int split_level(const char **text)
{
	int level = LEVEL_DEFAULT;

	if ((*text)[0] != KERN_SOH[0] || !(*text)[1])
		return level;
	if ((*text)[1] >= '0' && (*text)[1] <= '7')
		level = (*text)[1] - '0';
	*text += 2;
	return level;
}

static void log_line(struct kernel *k, int level, char *line)
{
	size_t len = strlen(line);

	if (len && line[len - 1] == '\n')
		line[len - 1] = '\0';
	if (level <= LEVEL_ERR)
		memcpy(k->last_error, line, strlen(line) + 1);
	if (k->config.hardware.log) {
		kernel_hardware_begin();
		k->config.hardware.log(k->config.hardware.ctx, level, line);
		kernel_hardware_end(k);
	}
}

int printk(const char *fmt, ...)
{
	char line[KERNEL_LOG_LINE];
	const char *text = line;
	va_list args;
	int level, len;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	level = split_level(&text);
	len = (int)strlen(text);
	log_line(kernel_current(), level, line + (text - line));
	return len;
}

void dev_printk_level(const char *level, const struct device *dev, const char *fmt, ...)
{
	char line[KERNEL_LOG_LINE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	printk("%s%s: %s", level, dev_name(dev), line);
}

bool printk_ratelimit(void)
{
	return kernel_current()->printk_burst++ < PRINTK_BURST;
}

void dump_stack(void)
{
	printk(KERN_DEFAULT "in task %d (%s)\n", current->pid, current->comm);
}

/* "file:line: text"; shortened where it does not fit. */
__printf(4, 0) static void describe(char *buf, size_t size, const char *site, const char *fmt,
				    va_list args)
{
	int len = snprintf(buf, size, "%s: ", kernel_short_path(site));

	if (len > 0 && (size_t)len < size)
		vsnprintf(buf + len, size - (size_t)len, fmt, args);
}

/* One line in the log, as much of it as fits. */
static void tell_oops(struct kernel *k)
{
	printk(KERN_EMERG "%.*s\n", KERNEL_LOG_LINE - 8, k->oops);
}

/* In a plug-in the place of an assertion says too little: it may be the shim's own. */
static void add_backtrace(struct kernel *k)
{
	size_t len = strlen(k->oops);
	struct backtrace_text text;

	if (!k->plugin.it)
		return;
	backtrace_take(k);
	backtrace_tell(k, NULL, &text);
	snprintf(k->oops + len, sizeof(k->oops) - len, "%.*s", KERNEL_OOPS_TEXT - KERNEL_LOG_LINE,
		 text.text);
}

void kernel_bug(const char *site, const char *fmt, ...)
{
	struct kernel *k = kernel_current();
	char text[KERNEL_LOG_LINE];
	va_list args;

	va_start(args, fmt);
	describe(text, sizeof(text), site, fmt, args);
	va_end(args);
	/* outside of any kernel there is nobody to go back to */
	if (!k)
		abort();
	memcpy(k->oops, text, sizeof(text));
	add_backtrace(k);
	tell_oops(k);
	kernel_die(k);
}

void kernel_trapped(struct kernel *k)
{
	struct backtrace_text text;

	k->oopsed = true;
	k->trap.armed = false;
	trap_tell(k, &text);
	memcpy(k->oops, text.text, sizeof(text.text));
	tell_oops(k);
}

void kernel_warn(const char *site, const char *fmt, ...)
{
	char text[KERNEL_LOG_LINE];
	va_list args;

	va_start(args, fmt);
	describe(text, sizeof(text), site, fmt, args);
	va_end(args);
	kernel_current()->warnings++;
	printk(KERN_WARNING "WARNING: %.*s\n", KERNEL_LOG_LINE - 16, text);
}

/* Places are few, and asked about only once something is wrong: a plain array will do. */
bool kernel_first_time(const char *site)
{
	struct kernel *k = kernel_current();
	const char **grown;
	size_t i;

	for (i = 0; i < k->warned_count; i++) {
		if (strcmp(k->warned[i], site) == 0)
			return false;
	}
	grown = realloc(k->warned, (k->warned_count + 1) * sizeof(*grown));
	if (!grown)
		return true;
	k->warned = grown;
	k->warned[k->warned_count++] = site;
	return true;
}
