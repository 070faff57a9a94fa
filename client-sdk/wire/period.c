/* period.c - floor 0: periods of bulletins; see period.h.
 *
 * Happy path: the length tells the form; each form is a pair of first and last day.  A week belongs
 * to the year that holds its Thursday (ISO 8601), so week 1 is the one with 4 January.
 * Failure modes: another form, or a period that is not there: QM_E_MALFORMED when read.  The last
 * days of 9999 belong to a week that ends in a year without a date form: it is no period.
 */
#include "wire/period.h"

#include <stdbool.h>
#include <string.h>

#include "wire/codec.h"

enum { YEAR_MIN = 1970, YEAR_MAX = 9999, WEEK_DAYS = 7, THURSDAY = 3 };

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year));
}

/* An existing day of the years 1..9999. */
static int32_t day_at(int year, int month, int day)
{
    int32_t before = year - 1;
    int32_t days = before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (int m = 1; m < month; m++)
        days += month_days(year, m);
    return days + day - 1;
}

/* 0 is Monday; 1970-01-01 was a Thursday. */
static int32_t weekday(int32_t day)
{
    return ((day + THURSDAY) % WEEK_DAYS + WEEK_DAYS) % WEEK_DAYS;
}

static int32_t first_monday(int year)
{
    int32_t in_week_1 = day_at(year, 1, 4);
    return in_week_1 - weekday(in_week_1);
}

static bool digits(const char *t, size_t n, int *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        if (t[i] < '0' || t[i] > '9')
            return false;
        *out = *out * 10 + (t[i] - '0');
    }
    return true;
}

static qm_err months(int year, int first, int n, enum qm_period_kind kind, struct qm_period *out)
{
    int last = first + n - 1;
    *out = (struct qm_period){.kind = kind,
                              .first_day = day_at(year, first, 1),
                              .last_day = day_at(year, last, month_days(year, last))};
    return QM_OK;
}

static qm_err week(int year, int n, struct qm_period *out)
{
    int32_t first = first_monday(year) + (n - 1) * WEEK_DAYS;
    int32_t end = year < YEAR_MAX ? first_monday(year + 1) : day_at(YEAR_MAX, 12, 31) + 1;
    if (n < 1 || first + WEEK_DAYS > end)
        return QM_E_MALFORMED;
    *out = (struct qm_period){
        .kind = QM_PERIOD_WEEK, .first_day = first, .last_day = first + WEEK_DAYS - 1};
    return QM_OK;
}

static qm_err part_of_year(int year, char letter, int n, struct qm_period *out)
{
    if (letter == 'Q' && n >= 1 && n <= 4)
        return months(year, 3 * n - 2, 3, QM_PERIOD_QUARTER, out);
    if (letter == 'H' && n >= 1 && n <= 2)
        return months(year, 6 * n - 5, 6, QM_PERIOD_HALF, out);
    return QM_E_MALFORMED;
}

qm_err qm_period_read(const char *t, size_t len, struct qm_period *out)
{
    int year, n;
    if (len < 4 || !digits(t, 4, &year) || year < YEAR_MIN)
        return QM_E_MALFORMED;
    if (len == 4)
        return months(year, 1, 12, QM_PERIOD_YEAR, out);
    if (t[4] != '-')
        return QM_E_MALFORMED;
    if (len == 8 && t[5] == 'W' && digits(t + 6, 2, &n))
        return week(year, n, out);
    if (len != 7)
        return QM_E_MALFORMED;
    if (digits(t + 5, 2, &n))
        return n >= 1 && n <= 12 ? months(year, n, 1, QM_PERIOD_MONTH, out) : QM_E_MALFORMED;
    if (digits(t + 6, 1, &n))
        return part_of_year(year, t[5], n, out);
    return QM_E_MALFORMED;
}
