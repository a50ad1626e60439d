/* The laws in C: the bound of what this machine can do.
 *
 * Members are run in blocks of 16, one vector of single precision; every array holds the members
 * of a block last. Each member has a generator of its own (xoshiro128+), so threads change
 * nothing. What follows from yearly values alone is worked out once a year.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define W 16
#define EACH _Pragma("omp simd") for (int l = 0; l < W; l++)
#define MOST_COUNT 4000
#define ARENA 3

typedef float lanes[W] __attribute__((aligned(64)));

/* The order of every list is that of simulation_bound.py. */
enum {
    D_CONSTANT, D_BORDER, D_SEA, D_DISTANCE, D_BOTH, D_ONE, D_IMBALANCE, D_LOWER, D_HIGHER,
    D_SLOW, D_FAST, D_PEACE, D_RECENT6, D_RECENT12, D_RECENT24, D_OTHERS,
    E_CONSTANT, E_BORDER, E_DISTANCE, E_BOTH, E_IMBALANCE, E_LOWER, E_SLOW, E_FORCE,
    E_BELOW, E_ABOVE,
    I_CONSTANT, I_ARENA, I_ANSWER, I_REPORTING, I_SIZE, I_SHARE = I_SIZE + 4, I_SPREAD,
    I_ARENA_SHARE, I_ARENA_SPREAD, I_PULL, I_LEAN, I_EFFORT,
    A_CONSTANT, A_LAST, A_MEAN, A_ECONOMY, A_DISPUTES, A_SCALE, A_TAIL, A_WEIGHT,
    G_CONSTANT, G_LAST, G_MEAN, G_SCALE, G_TAIL, G_WEIGHT,
    F_CONSTANT, F_LAST, F_GAP, F_SCALE, F_TAIL, F_WEIGHT,
    X_CONSTANT, X_LAST, X_GAP, X_ECONOMIES, X_SCALE, X_TAIL, X_WEIGHT,
    T_CONSTANT, T_SCALE, T_TAIL,
    S_CONSTANT, S_SCALE, S_TAIL,
    O_CONSTANT, O_SCALE, O_TAIL,
    LINK, YEAR_LEVEL, YEAR_MEMORY = YEAR_LEVEL + 10, YEAR_SPREAD = YEAR_MEMORY + 10,
    PARAMETERS = YEAR_SPREAD + 10
};
enum { DISPUTES, ESCALATION, INCIDENTS, ARMING, GROWTH, AFFINITY, EXCHANGE, TECHNOLOGY,
       ALIGNMENT, SUPPORT, LAWS };
enum { SPENDING, SPENDING_GROWTH, SPENDING_MEAN, SPENDING_VARIANCE, OUTPUT, OUTPUT_CHANGE,
       OUTPUT_SLOW, OUTPUT_VARIANCE, CAPABILITY, IDEAL, IDEAL_CHANGE, IDEAL_SLOW, IDEAL_VARIANCE,
       OPINION, OUTSIDE, OF_COUNTRY };
enum { TRADE, TRADE_CHANGE, TRADE_SLOW, TRADE_VARIANCE, SIMILARITY, ONSETS, FORCEFUL, SLOW,
       FAST = SLOW + 3, LAST = FAST + 3, OF_PAIR_START = LAST + 3, HAZARD = OF_PAIR_START,
       LADDER = HAZARD + 3, FORCE, RATE, FORCE_RATE, NEW_ONSETS, NEW_FORCEFUL, TURN, OF_PAIR };
enum { BORDER, SEA, DISTANCE, BOTH, ONE, LOWER, HIGHER, BEGIN, FIXED };

typedef struct {
    int countries, pairs, series, members, posterior, months, threads;
    const int *one, *two, *horizon, *link_from, *link_series, *kind;
    const float *fixed, *outside_rate, *reporting, *parameters, *levels, *country_start,
        *pair_start, *series_start;
    uint64_t seed;
    float *rate, *force_rate, *onsets, *forceful, *counts, *month_risk, *country_year, *pair_year;
} job;

typedef struct { uint32_t a[W], b[W], c[W], d[W]; } __attribute__((aligned(64))) luck;

static uint64_t split(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

static inline void uniform(luck *g, float *out)
{
    EACH {
        uint32_t sum = g->a[l] + g->d[l], t = g->b[l] << 9;
        g->c[l] ^= g->a[l];
        g->d[l] ^= g->b[l];
        g->b[l] ^= g->c[l];
        g->a[l] ^= g->d[l];
        g->c[l] ^= t;
        g->d[l] = (g->d[l] << 11) | (g->d[l] >> 21);
        out[l] = (float)(int32_t)(sum >> 9) * 0x1p-23f + 0x1p-24f;
    }
}

static inline void normal(luck *g, float *out)
{
    lanes one, two;
    uniform(g, one);
    uniform(g, two);
    EACH out[l] = sqrtf(-2.0f * logf(one[l])) * cosf(6.2831853f * two[l]);
}

static inline float hold(float x, float low, float high) { return fminf(fmaxf(x, low), high); }

/* A heavy-tailed change around `eta`. */
static inline void heavy(luck *g, const float *eta, const float *scale, const float *tail,
                         float *out)
{
    lanes z;
    normal(g, z);
    EACH {
        float up = expf(tail[l] * z[l]);
        out[l] = eta[l] + scale[l] * 0.5f * (up - 1.0f / up) / tail[l];
    }
}

static inline float spread_of(float scale, float weight, float variance, float usual, float floor)
{
    return scale * expf(weight * (0.5f * logf(fmaxf(variance, floor)) - logf(usual)));
}

#define SPREAD(law, variance, usual, floor) \
    EACH scale[l] = spread_of(p[law##_SCALE][l], p[law##_WEIGHT][l], variance[l], usual, floor)

static void new_year(const job *j, int month, luck *g, lanes *p, lanes *c, lanes *q, const lanes *level,
                     lanes *memory, lanes *before)
{
    const int n = j->countries;
    lanes eta, scale, change;
    lanes year[LAWS];
    for (int law = 0; law < LAWS; law++) {
        lanes z;
        normal(g, z);
        EACH p[YEAR_LEVEL + law][l] =
            p[YEAR_MEMORY + law][l] * p[YEAR_LEVEL + law][l] + p[YEAR_SPREAD + law][l] * z[l];
        memcpy(year[law], p[YEAR_LEVEL + law], sizeof(lanes));
    }
    for (int i = 0; i < n; i++) memcpy(memory[i], c[i * OF_COUNTRY + OUTSIDE], sizeof(lanes));
    for (int k = 0; k < j->pairs; k++) {
        const float *fast = q[k * OF_PAIR + FAST];
        EACH memory[j->one[k]][l] += fast[l];
        EACH memory[j->two[k]][l] += fast[l];
    }
    /* What other laws read of 31 December is kept apart before it moves. */
    for (int i = 0; i < n; i++) {
        memcpy(before[i], c[i * OF_COUNTRY + OUTPUT_CHANGE], sizeof(lanes));
        memcpy(before[n + i], c[i * OF_COUNTRY + CAPABILITY], sizeof(lanes));
    }
    const lanes *own = level;
    for (int i = 0; i < n; i++) {
        lanes *s = c + i * OF_COUNTRY;
        EACH eta[l] = p[A_CONSTANT][l] + p[A_LAST][l] * hold(s[SPENDING_GROWTH][l], -1, 1)
            + p[A_MEAN][l] * hold(s[SPENDING_MEAN][l], -1, 1)
            + p[A_ECONOMY][l] * hold(s[OUTPUT_CHANGE][l], -0.3f, 0.3f)
            + p[A_DISPUTES][l] * fminf(logf(1 + memory[i][l]), 4) + year[ARMING][l] + own[i][l];
        SPREAD(A, s[SPENDING_VARIANCE], 0.1f, 1e-4f);
        heavy(g, eta, scale, p[A_TAIL], change);
        EACH {
            float kept = hold(change[l], -1, 1);
            s[SPENDING][l] += change[l];
            s[SPENDING_GROWTH][l] = change[l];
            s[SPENDING_MEAN][l] = 0.7f * s[SPENDING_MEAN][l] + 0.3f * kept;
            s[SPENDING_VARIANCE][l] = 0.9f * s[SPENDING_VARIANCE][l] + 0.1f * kept * kept;
        }
    }
    own += n;
    for (int i = 0; i < n; i++) {
        lanes *s = c + i * OF_COUNTRY;
        EACH eta[l] = p[G_CONSTANT][l] + p[G_LAST][l] * hold(s[OUTPUT_CHANGE][l], -0.3f, 0.3f)
            + p[G_MEAN][l] * hold(s[OUTPUT_SLOW][l], -0.3f, 0.3f) + year[GROWTH][l] + own[i][l];
        SPREAD(G, s[OUTPUT_VARIANCE], 0.05f, 0.005f * 0.005f);
        heavy(g, eta, scale, p[G_TAIL], change);
        EACH {
            float kept = hold(change[l], -0.3f, 0.3f);
            s[OUTPUT][l] += change[l];
            s[OUTPUT_CHANGE][l] = change[l];
            s[OUTPUT_SLOW][l] = 0.8f * s[OUTPUT_SLOW][l] + 0.2f * change[l];
            s[OUTPUT_VARIANCE][l] = 0.8f * s[OUTPUT_VARIANCE][l] + 0.2f * kept * kept;
        }
    }
    own += n;
    for (int i = 0; i < n; i++) {
        lanes *s = c + i * OF_COUNTRY;
        EACH eta[l] = p[F_CONSTANT][l] + p[F_LAST][l] * hold(s[IDEAL_CHANGE][l], -1, 1)
            + p[F_GAP][l] * hold(s[IDEAL][l] - s[IDEAL_SLOW][l], -2, 2) + year[AFFINITY][l]
            + own[i][l];
        SPREAD(F, s[IDEAL_VARIANCE], 0.1f, 1e-4f);
        heavy(g, eta, scale, p[F_TAIL], change);
        EACH {
            float kept = hold(change[l], -1, 1);
            s[IDEAL][l] += change[l];
            s[IDEAL_CHANGE][l] = change[l];
            s[IDEAL_SLOW][l] = 0.8f * s[IDEAL_SLOW][l] + 0.2f * s[IDEAL][l];
            s[IDEAL_VARIANCE][l] = 0.8f * s[IDEAL_VARIANCE][l] + 0.2f * kept * kept;
        }
    }
    own += n;
    for (int i = 0; i < n; i++) {
        lanes *s = c + i * OF_COUNTRY;
        EACH eta[l] = p[T_CONSTANT][l] + year[TECHNOLOGY][l] + own[i][l];
        heavy(g, eta, p[T_SCALE], p[T_TAIL], change);
        EACH s[CAPABILITY][l] += change[l];
        EACH eta[l] = p[O_CONSTANT][l] + year[SUPPORT][l] + own[n + i][l];
        heavy(g, eta, p[O_SCALE], p[O_TAIL], change);
        EACH s[OPINION][l] += change[l];
    }
    own += 2 * n;
    const lanes *of_trade = own, *of_pact = own + j->pairs, *of_dispute = own + 2 * j->pairs,
                *of_ladder = own + 3 * j->pairs;
    for (int k = 0; k < j->pairs; k++) {
        lanes *s = q + k * OF_PAIR;
        const int one = j->one[k], two = j->two[k];
        const float *f = j->fixed + k * FIXED;
        EACH eta[l] = p[X_CONSTANT][l] + p[X_LAST][l] * hold(s[TRADE_CHANGE][l], -1, 1)
            + p[X_GAP][l] * hold(s[TRADE][l] - s[TRADE_SLOW][l], -2, 2)
            + p[X_ECONOMIES][l] * hold(before[one][l] + before[two][l], -0.5f, 0.5f)
            + year[EXCHANGE][l] + of_trade[k][l];
        SPREAD(X, s[TRADE_VARIANCE], 0.2f, 0.02f * 0.02f);
        heavy(g, eta, scale, p[X_TAIL], change);
        EACH {
            float kept = hold(change[l], -1, 1);
            s[TRADE][l] += change[l];
            s[TRADE_CHANGE][l] = change[l];
            s[TRADE_SLOW][l] = 0.8f * s[TRADE_SLOW][l] + 0.2f * s[TRADE][l];
            s[TRADE_VARIANCE][l] = 0.8f * s[TRADE_VARIANCE][l] + 0.2f * kept * kept;
        }
        EACH eta[l] = p[S_CONSTANT][l] + year[ALIGNMENT][l] + of_pact[k][l];
        heavy(g, eta, p[S_SCALE], p[S_TAIL], change);
        EACH s[SIMILARITY][l] = hold(s[SIMILARITY][l] + change[l], -1, 1);

        lanes gap, fixed;
        const float *cap1 = before[j->countries + one], *cap2 = before[j->countries + two];
        EACH gap[l] = fminf(fabsf(cap1[l] - cap2[l]), 12);
        EACH {
            float others = fmaxf(memory[one][l] + memory[two][l] - 2 * s[FAST][l], 0);
            fixed[l] = p[D_CONSTANT][l] + p[D_BORDER][l] * f[BORDER] + p[D_SEA][l] * f[SEA]
                + p[D_DISTANCE][l] * f[DISTANCE] + p[D_BOTH][l] * f[BOTH] + p[D_ONE][l] * f[ONE]
                + p[D_IMBALANCE][l] * gap[l] + p[D_LOWER][l] * f[LOWER]
                + p[D_HIGHER][l] * f[HIGHER] + p[D_OTHERS][l] * fminf(logf(1 + others), 8)
                + year[DISPUTES][l] + of_dispute[k][l];
        }
        for (int strand = 0; strand < 3; strand++) EACH {
            float quiet = fmaxf(s[LAST + strand][l], f[BEGIN] - month);
            float years = fminf(fmaxf(-1 - quiet, 0) / 12, 60);
            s[HAZARD + strand][l] = fixed[l]
                + p[D_SLOW][l] * fminf(logf(1 + s[SLOW + strand][l]), 4)
                + p[D_FAST][l] * fminf(logf(1 + s[FAST + strand][l]), 4)
                + p[D_PEACE][l] * fminf(logf(1 + years), 4.2f);
        }
        EACH {
            float share = (s[FORCEFUL][l] + 1.2f) / (s[ONSETS][l] + 2);
            s[LADDER][l] = p[E_CONSTANT][l] + p[E_BORDER][l] * f[BORDER]
                + p[E_DISTANCE][l] * f[DISTANCE] + p[E_BOTH][l] * f[BOTH]
                + p[E_IMBALANCE][l] * gap[l] + p[E_LOWER][l] * f[LOWER]
                + p[E_SLOW][l] * fminf(logf(1 + s[SLOW][l]), 4) + p[E_FORCE][l] * share
                + year[ESCALATION][l] + of_ladder[k][l];
            s[FORCE][l] = 1 / (1 + expf(-s[LADDER][l]));
        }
    }
}

static inline float few(float u, float rate)
{
    float term = expf(-rate), below = term, count = u > below;
    term *= rate;
    below += term;
    count += u > below;
    term *= 0.5f * rate;
    below += term;
    return count + (u > below);
}

/* `last` counts from the present month, so that single precision is exact. */
static void disputes(luck *g, lanes *p, lanes *s, float *risk)
{
    const float fast = 0.97153195f, slow = 0.99424034f;
    lanes u, v;
    uniform(g, u);
    uniform(g, v);
    lanes rate[3], seen[3];
    for (int strand = 0; strand < 3; strand++) EACH {
        float since = -s[LAST + strand][l];
        float recent = since <= 24 ? p[D_RECENT24][l] : 0;
        recent = since <= 12 ? p[D_RECENT12][l] : recent;
        recent = since <= 6 ? p[D_RECENT6][l] : recent;
        rate[strand][l] = expf(s[HAZARD + strand][l] + s[TURN][l] + recent);
    }
    EACH {
        float count = few(u[l], rate[0][l]);
        float forceful = s[LADDER][l] + logf(v[l] / (1 - v[l])) > 0 ? count : 0;
        seen[0][l] = count;
        seen[1][l] = 0;
        seen[2][l] = few(u[l], rate[2][l] * (1 - s[FORCE][l]));
        s[RATE][l] += rate[1][l];
        s[FORCE_RATE][l] += rate[2][l] * s[FORCE][l];
        s[ONSETS][l] += count;
        s[FORCEFUL][l] += forceful;
        s[NEW_ONSETS][l] += count;
        s[NEW_FORCEFUL][l] += forceful;
        risk[l] = 1 - expf(-rate[0][l]);
    }
    for (int strand = 0; strand < 3; strand++) EACH {
        float now = seen[strand][l];
        s[FAST + strand][l] = s[FAST + strand][l] * fast + now;
        s[SLOW + strand][l] = s[SLOW + strand][l] * slow + now;
        s[LAST + strand][l] = (now > 0 ? 0 : s[LAST + strand][l]) - 1;
    }
}

static void incidents(const job *j, luck *g, lanes *p, int i, const lanes *level, lanes *recent,
                      lanes *slow, float *count)
{
    static const float edge[4] = {0.01125741f, 0.23333333f, 0.76666667f, 0.98874259f};
    static const float point[5] = {-2.8569700f, -1.3556262f, 0, 1.3556262f, 2.8569700f};
    const int arena = j->kind[i] == ARENA;
    lanes u, v, share, first, size, term, below;
    uniform(g, u);
    uniform(g, v);
    EACH {
        float place = v[l] / p[arena ? I_ARENA_SHARE : I_SHARE][l];
        float step = place > edge[0] ? point[1] : point[0];
        step = place > edge[1] ? point[2] : step;
        step = place > edge[2] ? point[3] : step;
        step = place > edge[3] ? point[4] : step;
        step = place < 1 ? step * p[arena ? I_ARENA_SPREAD : I_SPREAD][l] : 0;
        float eta = p[I_CONSTANT][l] + p[I_ARENA][l] * arena + p[I_REPORTING][l] * j->reporting[i]
            + level[i][l];
        float slow_log = logf(slow[i][l] + 0.05f);
        float turn = hold(logf(recent[i][l] + 0.05f) - slow_log, -4, 4);
        float centre = slow_log + p[I_PULL][l] * (eta - slow_log) + p[I_LEAN][l] * turn + step;
        float mean = expf(fminf(centre, 7.6f));
        size[l] = fminf(p[I_SIZE + j->kind[i]][l], 30);
        share[l] = mean / (mean + size[l]);
        first[l] = expf(-size[l] * logf(1 + mean / size[l]));
        term[l] = below[l] = first[l];
        count[l] = 0;
    }
    for (int k = 0; k < MOST_COUNT;) {
        int open = 0;
        _Pragma("omp simd reduction(| : open)")
        for (int l = 0; l < W; l++)
            open |= u[l] > below[l] && (term[l] > 1e-9f || below[l] < 0.5f);
        /* Beyond the median a term this small is below the rounding of the sum. */
        if (!open && k > 0) break;
        for (int step = 0; step < 4; step++, k++) {
            const float over = 1.0f / (k + 1);
            EACH {
                count[l] += u[l] > below[l];
                term[l] *= share[l] * (k + size[l]) * over;
                below[l] += term[l];
            }
        }
    }
    EACH recent[i][l] = 0.6f * recent[i][l] + 0.4f * count[l];
    EACH slow[i][l] = 0.93f * slow[i][l] + 0.07f * count[l];
}

static void block(const job *j, int number, float *risk_sum)
{
    const int n = j->countries, pairs = j->pairs, series = j->series, m = j->members;
    const int units = 5 * n + 4 * pairs + series;
    const int first = number * W, real = m - first < W ? m - first : W;
    lanes *room = aligned_alloc(64, sizeof(lanes) * (size_t)(
        PARAMETERS + units + n * OF_COUNTRY + pairs * OF_PAIR + 3 * series + 3 * n));
    lanes *p = room, *level = p + PARAMETERS, *c = level + units, *q = c + n * OF_COUNTRY,
          *recent = q + pairs * OF_PAIR, *slow = recent + series, *turn = slow + series,
          *memory = turn + series, *before = memory + n;
    luck g;
    for (int l = 0; l < W; l++) {
        uint64_t x = j->seed * 0xd1342543de82ef95ULL + (uint64_t)(first + l);
        uint64_t one = split(&x), two = split(&x);
        g.a[l] = one; g.b[l] = one >> 32; g.c[l] = two; g.d[l] = (two >> 32) | 1;
        const int at = (first + l) % j->posterior;
        for (int k = 0; k < PARAMETERS; k++) p[k][l] = j->parameters[k * j->posterior + at];
        for (int k = 0; k < units; k++) level[k][l] = j->levels[k * j->posterior + at];
    }
    for (int k = 0; k < n * OF_COUNTRY; k++) EACH c[k][l] = j->country_start[k];
    for (int k = 0; k < pairs; k++) {
        for (int f = 0; f < OF_PAIR; f++) {
            const float from = f < OF_PAIR_START ? j->pair_start[k * OF_PAIR_START + f] : 0;
            EACH q[k * OF_PAIR + f][l] = from;
        }
    }
    for (int i = 0; i < series; i++) EACH {
        recent[i][l] = j->series_start[2 * i];
        slow[i][l] = j->series_start[2 * i + 1];
    }
    int reached = 0, years = 0;
    for (int month = 0; month < j->months; month++) {
        if (month % 12 == 0) {
            new_year(j, month, &g, p, c, q, level, memory, before);
            for (int i = 0; i < n; i++) {
                static const int kept[5] = {SPENDING, OUTPUT, CAPABILITY, IDEAL, OPINION};
                for (int f = 0; f < 5; f++)
                    memcpy(j->country_year + ((size_t)(years * 5 + f) * n + i) * m + first,
                           c[i * OF_COUNTRY + kept[f]], real * sizeof(float));
            }
            for (int k = 0; k < pairs; k++) {
                memcpy(j->pair_year + ((size_t)(years * 2) * pairs + k) * m + first,
                       q[k * OF_PAIR + TRADE], real * sizeof(float));
                memcpy(j->pair_year + ((size_t)(years * 2 + 1) * pairs + k) * m + first,
                       q[k * OF_PAIR + SIMILARITY], real * sizeof(float));
            }
            years++;
        }
        for (int i = 0; i < series; i++)
            EACH turn[i][l] =
                hold(logf((recent[i][l] + 0.05f) / (slow[i][l] + 0.05f)), -4, 4) * p[LINK][l];
        for (int k = 0; k < pairs; k++) {
            lanes risk;
            if (j->link_from[k] < j->link_from[k + 1]) {
                EACH q[k * OF_PAIR + TURN][l] = 0;
                for (int e = j->link_from[k]; e < j->link_from[k + 1]; e++)
                    EACH q[k * OF_PAIR + TURN][l] += turn[j->link_series[e]][l];
            }
            disputes(&g, p, q + k * OF_PAIR, risk);
            float sum = 0;
            for (int l = 0; l < real; l++) sum += risk[l];
            risk_sum[month * pairs + k] += sum;
        }
        for (int i = 0; i < n; i++) {
            lanes u;
            uniform(&g, u);
            float *s = c[i * OF_COUNTRY + OUTSIDE];
            float term = expf(-j->outside_rate[i]), below = term;
            EACH s[l] *= 0.97153195f;
            for (int k = 1; k <= 8; k++) {
                EACH s[l] += u[l] > below;
                term *= j->outside_rate[i] / k;
                below += term;
            }
        }
        for (int i = 0; i < series; i++) {
            lanes count;
            incidents(j, &g, p, i, level + 5 * n + 4 * pairs, recent, slow, count);
            memcpy(j->counts + ((size_t)month * series + i) * m + first, count,
                   real * sizeof(float));
        }
        if (month + 1 == j->horizon[reached]) {
            for (int k = 0; k < pairs; k++) {
                const size_t at = ((size_t)reached * pairs + k) * m + first;
                const lanes *s = (const lanes *)(q + k * OF_PAIR);
                memcpy(j->rate + at, s[RATE], real * sizeof(float));
                memcpy(j->force_rate + at, s[FORCE_RATE], real * sizeof(float));
                memcpy(j->onsets + at, s[NEW_ONSETS], real * sizeof(float));
                memcpy(j->forceful + at, s[NEW_FORCEFUL], real * sizeof(float));
            }
            reached++;
        }
    }
    free(room);
}

void run(const job *j)
{
    const int blocks = (j->members + W - 1) / W, cells = j->months * j->pairs;
    memset(j->month_risk, 0, cells * sizeof(float));
#pragma omp parallel num_threads(j->threads)
    {
        float *risk = calloc(cells, sizeof(float));
#pragma omp for schedule(dynamic, 1)
        for (int number = 0; number < blocks; number++) block(j, number, risk);
#pragma omp critical
        for (int k = 0; k < cells; k++) j->month_risk[k] += risk[k];
        free(risk);
    }
}
