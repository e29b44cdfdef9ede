/* Draws vectorized mobjects on the Cairo context that Manim draws on, with the calls that Manim makes, in its order.
 *
 * `record` reads of each mobject all that its picture depends on into a row of numbers (a *record*), and `draw`
 * draws records. So two mobjects with equal records look the same.
 *
 * Neither Python's nor Cairo's headers are needed: declared here is what is used of Python's stable interface (3.11),
 * and Cairo's functions are handed over by `use_cairo`, from the library that pycairo has loaded.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Python -------------------------------------------------------------------------------------------------------- */

typedef struct _object PyObject;
typedef struct {
    void *buf;
    PyObject *obj;
    ptrdiff_t len, itemsize;
    int readonly, ndim;
    char *format;
    ptrdiff_t *shape, *strides, *suboffsets;
    void *internal;
} Py_buffer;
enum { CONTIGUOUS_WITH_FORMAT = 0x0038 | 0x0004 };

extern PyObject *PyList_GetItem(PyObject *, ptrdiff_t);
extern PyObject *PyTuple_GetItem(PyObject *, ptrdiff_t);
extern PyObject *PyObject_GetAttr(PyObject *, PyObject *);
extern int PyObject_GetBuffer(PyObject *, Py_buffer *, int);
extern void PyBuffer_Release(Py_buffer *);
extern int PyObject_IsTrue(PyObject *);
extern double PyFloat_AsDouble(PyObject *);
extern PyObject *PyErr_Occurred(void);
extern void PyErr_Clear(void);
extern void Py_DecRef(PyObject *);

/* What is read of a mobject; Python hands over the names in this order. */
enum {
    POINTS,
    BACKGROUND_STROKE,
    FILL,
    STROKE,
    BACKGROUND_STROKE_WIDTH,
    STROKE_WIDTH,
    TOLERANCE,
    POINTS_PER_CURVE,
    JOINT,
    CAP,
    BACKGROUND_IMAGE
};
enum { STYLES = 4 }; /* kinds of joints, and of caps */

/* The numbers of a record; its points follow, two numbers each. */
enum { R_BACKGROUND, R_FILL = 4, R_STROKE = 8, R_BACKGROUND_WIDTH = 12, R_WIDTH, R_TOLERANCE, R_JOIN, R_CAP, R_POINTS };

static int get_buffer(PyObject *mobject, PyObject *name, Py_buffer *view, ptrdiff_t columns)
{
    PyObject *array = PyObject_GetAttr(mobject, name);
    if (!array) return 0;
    int ok = PyObject_GetBuffer(array, view, CONTIGUOUS_WITH_FORMAT) == 0;
    Py_DecRef(array);
    if (!ok) return 0;
    if (view->ndim == 2 && view->shape[1] == columns && view->itemsize == 8 && view->format && !strcmp(view->format, "d"))
        return 1;
    PyBuffer_Release(view);
    return 0;
}

/* Read a single colour; gradients are Manim's own business. */
static int get_colour(PyObject *mobject, PyObject *name, double *rgba)
{
    Py_buffer view;
    if (!get_buffer(mobject, name, &view, 4)) return 0;
    int single = view.shape[0] == 1;
    if (single) memcpy(rgba, view.buf, 4 * sizeof(double));
    PyBuffer_Release(&view);
    return single;
}

static int get_number(PyObject *mobject, PyObject *name, double *number)
{
    PyObject *value = PyObject_GetAttr(mobject, name);
    if (!value) return 0;
    *number = PyFloat_AsDouble(value);
    Py_DecRef(value);
    return !(*number == -1.0 && PyErr_Occurred());
}

static int get_width(PyObject *mobject, PyObject *name, double *width)
{
    if (!get_number(mobject, name, width)) return 0;
    if (!(*width > 0)) *width = 0;
    return 1;
}

static int get_style(PyObject *mobject, PyObject *name, PyObject *styles, double *index)
{
    PyObject *value = PyObject_GetAttr(mobject, name);
    if (!value) return 0;
    int found = -1;
    for (int k = 0; k < STYLES; k++)
        if (PyTuple_GetItem(styles, k) == value) found = k;
    Py_DecRef(value);
    *index = found;
    return found >= 0;
}

static int has_background_image(PyObject *mobject, PyObject *name)
{
    PyObject *value = PyObject_GetAttr(mobject, name);
    if (!value) return 1;
    int yes = PyObject_IsTrue(value) != 0;
    Py_DecRef(value);
    return yes;
}

/* Copy x and y of points that are all finite; return how many numbers were written, or -1 if there is no room. */
static ptrdiff_t copy_points(const Py_buffer *view, double *out, ptrdiff_t room)
{
    ptrdiff_t count = view->shape[0];
    const double *p = view->buf;
    if (2 * count > room) return -1;
    for (ptrdiff_t k = 0; k < 3 * count; k++)
        if (!isfinite(p[k])) return 0; /* Manim draws nothing then */
    for (ptrdiff_t k = 0; k < count; k++) {
        out[2 * k] = p[3 * k];
        out[2 * k + 1] = p[3 * k + 1];
    }
    return 2 * count;
}

/* Write one record; return its length, 0 for a mobject that is not drawn here, -1 if there is no room. */
static ptrdiff_t write_record(PyObject *mobject, PyObject *names, PyObject *joints, PyObject *caps, double *out,
                              ptrdiff_t room)
{
#define NAME(index) PyTuple_GetItem(names, index)
    double per_curve;
    Py_buffer points;
    if (room < R_POINTS) return -1;
    if (has_background_image(mobject, NAME(BACKGROUND_IMAGE))
        || !get_colour(mobject, NAME(BACKGROUND_STROKE), out + R_BACKGROUND)
        || !get_colour(mobject, NAME(FILL), out + R_FILL) || !get_colour(mobject, NAME(STROKE), out + R_STROKE)
        || !get_width(mobject, NAME(BACKGROUND_STROKE_WIDTH), out + R_BACKGROUND_WIDTH)
        || !get_width(mobject, NAME(STROKE_WIDTH), out + R_WIDTH)
        || !get_number(mobject, NAME(TOLERANCE), out + R_TOLERANCE)
        || !get_number(mobject, NAME(POINTS_PER_CURVE), &per_curve) || per_curve != 4
        || !get_style(mobject, NAME(JOINT), joints, out + R_JOIN) || !get_style(mobject, NAME(CAP), caps, out + R_CAP)
        || !get_buffer(mobject, NAME(POINTS), &points, 3)) {
        PyErr_Clear();
        return 0;
    }
    ptrdiff_t written = copy_points(&points, out + R_POINTS, room - R_POINTS);
    PyBuffer_Release(&points);
    return written < 0 ? -1 : R_POINTS + written;
#undef NAME
}

/* Write the records of mobjects, up to the first that is not drawn here; `ends[k]` is where record k begins and
 * record k - 1 ends. Return how many were written, or -1 if there is no room. */
ptrdiff_t record(PyObject *mobjects, ptrdiff_t first, ptrdiff_t last, PyObject *names, PyObject *joints, PyObject *caps,
                 double *numbers, ptrdiff_t room, int64_t *ends)
{
    ends[0] = 0;
    for (ptrdiff_t k = 0; k < last - first; k++) {
        PyObject *mobject = PyList_GetItem(mobjects, first + k);
        ptrdiff_t length = write_record(mobject, names, joints, caps, numbers + ends[k], room - ends[k]);
        if (length < 0) return -1;
        if (length == 0) return k;
        ends[k + 1] = ends[k] + length;
    }
    return last - first;
}

/* Mark which of the first `count` records are the same in both. */
void mark_equal(const double *a, const int64_t *a_ends, const double *b, const int64_t *b_ends, ptrdiff_t count,
                uint8_t *marks)
{
    for (ptrdiff_t k = 0; k < count; k++) {
        int64_t length = a_ends[k + 1] - a_ends[k];
        marks[k] = length == b_ends[k + 1] - b_ends[k]
                   && !memcmp(a + a_ends[k], b + b_ends[k], (size_t)length * sizeof(double));
    }
}

/* What a record draws: wholly transparent parts leave no trace, and are left out. */
static int draws_background(const double *r) { return r[R_BACKGROUND_WIDTH] != 0 && r[R_BACKGROUND + 3] != 0; }
static int draws_fill(const double *r) { return r[R_FILL + 3] != 0; }
static int draws_outline(const double *r) { return r[R_WIDTH] != 0 && r[R_STROKE + 3] != 0; }

static ptrdiff_t points_of(const double *r, int64_t length)
{
    ptrdiff_t points = (ptrdiff_t)(length - R_POINTS) / 2;
    return points >= 4 && (draws_background(r) || draws_fill(r) || draws_outline(r)) ? points : 0;
}

typedef struct { double left, bottom, right, top; } Box;

/* Cairo's values for the kinds of joints and of caps, in the order of their indices. */
static int joins[STYLES], caps[STYLES];
enum { MITRE = 0 };

/* Find a box outside which a record changes no pixel; a curve lies among its points. Return 0 if it draws nothing.
 * A mitred corner reaches ten times half the line's width (Cairo's limit), any other end of a line less than 1.5. */
static int find_box(const double *r, int64_t length, double width_multiple, double margin, Box *box)
{
    const double *p = r + R_POINTS;
    ptrdiff_t points = points_of(r, length);
    if (!points) return 0;
    Box b = {p[0], p[1], p[0], p[1]};
    for (ptrdiff_t k = 1; k < points; k++) {
        double x = p[2 * k], y = p[2 * k + 1];
        if (x < b.left) b.left = x;
        if (x > b.right) b.right = x;
        if (y < b.bottom) b.bottom = y;
        if (y > b.top) b.top = y;
    }
    double width = draws_background(r) ? r[R_BACKGROUND_WIDTH] : 0;
    if (draws_outline(r) && r[R_WIDTH] > width) width = r[R_WIDTH];
    double reach = (joins[(int)r[R_JOIN]] == MITRE ? 10 : 1.5) * width * width_multiple / 2 + margin;
    *box = (Box){b.left - reach, b.bottom - reach, b.right + reach, b.top + reach};
    return 1;
}

static int overlap(const Box *a, const Box *b)
{
    return a->left <= b->right && b->left <= a->right && a->bottom <= b->top && b->bottom <= a->top;
}

/* Choose, of the records marked as still, those that may be drawn before all others: those which overlap none of the
 * others that lies below them. `boxes` has room for all. Return how many of those chosen draw anything. */
ptrdiff_t choose_lower(const double *numbers, const int64_t *ends, ptrdiff_t count, double width_multiple,
                       double margin, const uint8_t *still, uint8_t *chosen, Box *boxes)
{
    ptrdiff_t others = 0, drawn = 0;
    for (ptrdiff_t k = 0; k < count; k++) {
        Box box;
        int visible = find_box(numbers + ends[k], ends[k + 1] - ends[k], width_multiple, margin, &box);
        chosen[k] = still[k];
        for (ptrdiff_t other = 0; visible && chosen[k] && other < others; other++)
            if (overlap(&box, boxes + other)) chosen[k] = 0;
        if (visible && chosen[k]) drawn++;
        if (visible && !chosen[k]) boxes[others++] = box;
    }
    return drawn;
}

/* Find between which heights two lists of records, equal but for those not marked as same, may look different. */
int find_changed(const double *now, const int64_t *now_ends, const double *before, const int64_t *before_ends,
                 ptrdiff_t count, const uint8_t *same, double width_multiple, double margin, double *span)
{
    int found = 0;
    for (ptrdiff_t k = 0; k < count; k++) {
        Box boxes[2];
        if (same[k]) continue;
        int visible[2] = {find_box(now + now_ends[k], now_ends[k + 1] - now_ends[k], width_multiple, margin, boxes),
                          find_box(before + before_ends[k], before_ends[k + 1] - before_ends[k], width_multiple, margin,
                                   boxes + 1)};
        for (int which = 0; which < 2; which++) {
            if (!visible[which]) continue;
            if (!found || boxes[which].bottom < span[0]) span[0] = boxes[which].bottom;
            if (!found || boxes[which].top > span[1]) span[1] = boxes[which].top;
            found = 1;
        }
    }
    return found;
}

/* Cairo --------------------------------------------------------------------------------------------------------- */

typedef struct _cairo cairo_t;
static struct {
    void (*new_path)(cairo_t *);
    void (*new_sub_path)(cairo_t *);
    void (*move_to)(cairo_t *, double, double);
    void (*curve_to)(cairo_t *, double, double, double, double, double, double);
    void (*close_path)(cairo_t *);
    void (*set_source_rgba)(cairo_t *, double, double, double, double);
    void (*set_line_width)(cairo_t *, double);
    void (*set_line_join)(cairo_t *, int);
    void (*set_line_cap)(cairo_t *, int);
    void (*fill_preserve)(cairo_t *);
    void (*stroke_preserve)(cairo_t *);
} cairo;

/* Take the addresses of the functions above, in their order, and Cairo's joins and caps. */
void use_cairo(void *const *functions, const int *its_joins, const int *its_caps)
{
    memcpy(&cairo, functions, sizeof cairo);
    memcpy(joins, its_joins, sizeof joins);
    memcpy(caps, its_caps, sizeof caps);
}

static int close_numbers(double a, double b, double tolerance)
{
    double difference;
    if (a == b) return 1;
    difference = fabs(a - b);
    return difference <= tolerance + 1.0e-5 * fabs(b) && isfinite(difference);
}

static int close_points(const double *a, const double *b, double tolerance)
{
    return close_numbers(a[0], b[0], tolerance) && close_numbers(a[1], b[1], tolerance);
}

/* Make the path of `count` points, `stride` numbers each: a subpath ends where the next curve begins elsewhere. */
void make_path(cairo_t *cr, const double *points, ptrdiff_t count, ptrdiff_t stride, double tolerance)
{
    cairo.new_path(cr);
    for (ptrdiff_t start = 0, end; start + 4 <= count; start = end) {
        for (end = start + 4; end < count; end += 4)
            if (!close_points(points + stride * (end - 1), points + stride * end, tolerance)) break;
        if (end > count) end = count;
        const double *first = points + stride * start;
        cairo.new_sub_path(cr);
        cairo.move_to(cr, first[0], first[1]);
        for (ptrdiff_t k = start; k + 4 <= end; k += 4) {
            const double *a = points + stride * (k + 1), *b = a + stride, *c = b + stride;
            cairo.curve_to(cr, a[0], a[1], b[0], b[1], c[0], c[1]);
        }
        if (close_points(first, points + stride * (end - 1), tolerance)) cairo.close_path(cr);
    }
}

/* Manim's pixels are RGBA where Cairo's are BGRA, hence the order. */
static void set_colour(cairo_t *cr, const double *rgba)
{
    cairo.set_source_rgba(cr, rgba[2], rgba[1], rgba[0], rgba[3]);
}

static void stroke(cairo_t *cr, const double *rgba, double width, int join, int cap)
{
    set_colour(cr, rgba);
    cairo.set_line_width(cr, width);
    cairo.set_line_join(cr, join);
    cairo.set_line_cap(cr, cap);
    cairo.stroke_preserve(cr);
}

/* The picture that is drawn on: rows of RGBA, and where on it the plane's origin and unit vectors are. */
typedef struct {
    const uint8_t *pixels;
    int64_t stride, width, first_row, last_row; /* other rows are not drawn on */
    double x, y, unit_x, unit_y, width_multiple, margin; /* y points downwards on a picture, and upwards on a plane */
} Picture;

/* Tell whether a record is of one opaque colour, and return that. */
static const double *only_colour(const double *r)
{
    const double *found = NULL;
    const double *parts[3] = {draws_background(r) ? r + R_BACKGROUND : NULL, draws_fill(r) ? r + R_FILL : NULL,
                              draws_outline(r) ? r + R_STROKE : NULL};
    for (int k = 0; k < 3; k++) {
        if (!parts[k]) continue;
        if (parts[k][3] != 1 || (found && memcmp(found, parts[k], 3 * sizeof(double)))) return NULL;
        found = parts[k];
    }
    return found;
}

static int64_t within(double number, int64_t low, int64_t high)
{
    return number < (double)low ? low : number > (double)high ? high : (int64_t)number;
}

/* Tell whether a record would leave every pixel as it is: an opaque colour, on nothing but that colour. A halo on bare
 * ground is such a record. (Of its softened edge, Cairo's rounding makes a pixel in hundreds darker by one step.) */
static int leaves_all(const double *r, int64_t length, const Picture *picture)
{
    const double *colour = only_colour(r);
    Box box;
    if (!colour || !find_box(r, length, picture->width_multiple, picture->margin, &box)) return 0;
    uint8_t wanted[4] = {0, 0, 0, 255};
    for (int k = 0; k < 3; k++) {
        if (!(colour[k] >= 0 && colour[k] <= 1)) return 0;
        wanted[k] = (uint8_t)((uint16_t)(colour[k] * 65535 + 0.5) >> 8); /* as Cairo rounds */
    }
    int64_t left = within(floor(picture->x + box.left * picture->unit_x), 0, picture->width);
    int64_t right = within(ceil(picture->x + box.right * picture->unit_x), 0, picture->width);
    int64_t first = within(floor(picture->y - box.top * picture->unit_y), picture->first_row, picture->last_row);
    int64_t last = within(ceil(picture->y - box.bottom * picture->unit_y), picture->first_row, picture->last_row);
    for (int64_t row = first; row < last; row++) {
        const uint8_t *pixel = picture->pixels + row * picture->stride + 4 * left;
        for (int64_t k = left; k < right; k++, pixel += 4)
            if (memcmp(pixel, wanted, 4)) return 0;
    }
    return 1;
}

/* Draw the records whose mark is `wanted`. */
void draw(cairo_t *cr, const double *numbers, const int64_t *ends, ptrdiff_t count, const uint8_t *marks, int wanted,
          const Picture *picture)
{
    double width_multiple = picture->width_multiple;
    for (ptrdiff_t k = 0; k < count; k++) {
        const double *r = numbers + ends[k];
        ptrdiff_t points = points_of(r, ends[k + 1] - ends[k]);
        if (marks[k] != wanted || !points || leaves_all(r, ends[k + 1] - ends[k], picture)) continue;
        int join = joins[(int)r[R_JOIN]], cap = caps[(int)r[R_CAP]];
        make_path(cr, r + R_POINTS, points, 2, r[R_TOLERANCE]);
        if (draws_background(r)) stroke(cr, r + R_BACKGROUND, r[R_BACKGROUND_WIDTH] * width_multiple, join, cap);
        if (draws_fill(r)) {
            set_colour(cr, r + R_FILL);
            cairo.fill_preserve(cr);
        }
        if (draws_outline(r)) stroke(cr, r + R_STROKE, r[R_WIDTH] * width_multiple, join, cap);
    }
}
