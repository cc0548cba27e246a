/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log lines on stderr, with a <N> priority prefix when stderr is the journal (sd-daemon(3)).
 *   error  needs a human            warn   degraded; says what is ignored or continued
 *   info   state changes only       debug  anything, off by default
 */
#pragma once
#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/* Program name shown before each line and the highest level shown. Call once at start. */
void log_init(const char *program, enum log_level max);

void log_at(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)
