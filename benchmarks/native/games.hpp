// The incident games of L places at once, as the kernels lay them out (stage.py) and solve them (values.py,
// incident.py): the same formulas in the same order. Not here: the path that is followed when 5,000 rounds fail.
#pragma once
#include "lanes.hpp"
#include "world.hpp"

constexpr double TOLERANCE = 1e-10, LOG_TOLERANCE = 1e-9, NEAR = 1e-7;
constexpr int DAMP_AFTER = 40, DAMP_STRONG_AFTER = 250, FOLLOW_AFTER = 5000;

template <int L> struct Games {
    using M = Lanes<L>;
    using V = typename M::V;

    // one a place: chance, payoffs that do not depend on later play, who may do what
    V chance[4][3][8], direct_R[2][4][3], direct_U[4][3], base[3][8], danger;
    V active_R[4], active_U[3], respond[8], fire[8], invoked[8];
    V hub, line, gain_unit, length, troops, observers, coverage, Q, phi, unsettled, dies_R[4], dies_U[3];
    // the first moves, the answer to them, and what follows them
    V odds_R[2][4], p_R[2][4], p_U[3], answer_R[2][4], answer_U[3], gap_R[2][4], last_answer[2][4], last_step[2][4];
    V start_R[2][4], start_U[3];
    V like[2][8], q[8], refuse[2][2][8], honoured[2][8], u_C[3][8], response[3][8], value_R[2][8], value_U[2][8];
    V worth_R[2][4][3], u_U[3], decision[2][2][3][8];
    V open, gap, last_gap, residual;
    // the same for all places
    int may_fire[8], may_invoke[8], may_act[4];
    double mu, gamma;

    static inline V all(double x) { return M::all(x); }
    static inline V odds(V z) { return M::odds(z); }
    int moves_U() const { return may_act[1] ? 3 : 1; }
    static inline V larger(V a, V b) { return a >= b ? a : b; }

    // ---- layout ----

    void set_rules(const World &w, int first) {
        for (int j = 0; j < L; j++) {
            int kind = w.kind[first + j];
            hub[j] = kind == 2, line[j] = kind == 0, length[j] = w.length[first + j];
            gain_unit[j] = (kind == 2 ? 0.0 : kind == 0 ? 1.0 : w.c_border) * w.dmz_factor;
        }
        may_act[0] = 1, may_act[1] = may_act[2] = 0;
        for (int j = 0; j < L && first + j < w.places; j++)
            if (w.kind[first + j] != 2) may_act[1] = may_act[2] = 1;
        troops = all(-1.0);
        active_R[0] = active_U[0] = all(1.0);
        active_R[1] = active_R[2] = active_U[1] = active_U[2] = 1.0 - hub;
        for (int o = 0; o < 8; o++) {
            int K = o % 2, sigma = o / 2;
            may_fire[o] = o >= 2 && ((w.roe >= 1 && K == 1 && sigma != 2) || (w.roe == 2 && sigma == 1));
            base[0][o] = all(K ? -w.passive_K : sigma == 1 ? -w.passive : -w.passive_0);
            base[1][o] = all(-w.fire_cost);
        }
    }
    void set_uniform() {
        for (auto &kappa : odds_R)
            for (V &x : kappa) x = V{};
        V n = active_U[0] + active_U[1] + active_U[2];
        for (int b = 0; b < 3; b++) p_U[b] = active_U[b] / n;
    }
    static V load(const double *x) {
        V v;
        __builtin_memcpy(&v, x, sizeof v);
        return v;
    }
    void set_games(const World &w, const Week &now, int first) {
        mu = now.mu, gamma = now.gamma;
        V m = load(now.troops + first);
        active_R[3] = m > 0.0 ? all(1.0) : V{};
        may_act[3] = 0;
        for (int j = 0; j < L; j++) may_act[3] |= m[j] > 0.0;
        for (int j = 0; j < L; j++) {
            int s = first + j, lead = int(now.lead[s]);
            open[j] = s < w.places ? 1.0 : 0.0;
            danger[j] = lead < 0 ? 0.0 : w.theta * w.danger[lead];
            base[2][0][j] = lead < 0 ? 0.0 : -w.reputation[lead];
        }
        for (int o = 1; o < 8; o++) base[2][o] = base[2][0];
        set_chance(w, now, m, load(now.monitors + first));
        set_direct(w, now, load(now.tension + first), load(now.restraint + first));
        set_answers(w, now);
    }
    V kills(const World &w, V m, double k, double aimed) {
        return -M::expm1(-(w.protection * (m * k + (m > 0.0 ? all(aimed) : V{}))));
    }
    // What depends on who is there: nothing to do if nobody moved.
    void set_presence(const World &w, V m, V monitors) {
        bool moved = false;
        for (int j = 0; j < L; j++) moved |= troops[j] != m[j] || observers[j] != monitors[j];
        if (!moved) return;
        troops = m, observers = monitors;
        V d = length > 0.0 ? (monitors + 1000.0 * w.alpha * m) / length : V{};
        coverage = w.isr - (1.0 - w.isr) * M::expm1(-d / w.d0);
        Q = hub == 1.0 ? all(w.hub_attribution) : 1.0 - (1.0 - w.q0) * M::exp(-d / w.d_q);
        phi = hub == 1.0 ? V{} : w.phi0 * M::exp(-d / w.d0);
        unsettled = hub == 1.0 ? all(1.0) : M::exp(-d / w.d_c);
        dies_R[0] = dies_U[0] = V{}, dies_R[3] = kills(w, m, 0.0, w.k_strike);
        dies_R[1] = kills(w, m, w.k[0], 0.0), dies_R[2] = kills(w, m, w.k[1], 0.0);
        dies_U[1] = kills(w, m, w.k_U[0], 0.0), dies_U[2] = kills(w, m, w.k_U[1], 0.0);
    }
    void set_chance(const World &w, const Week &now, V m, V monitors) {
        set_presence(w, m, monitors);
        V e = coverage, eps_m = hub == 1.0 ? V{} : all(w.eps_m);
        V sees[4] = {V{}, -M::expm1(-w.nu[0] * e * now.visibility), -M::expm1(-w.nu[1] * e * now.visibility),
                     hub == 1.0 ? all(1.0) : -M::expm1(-w.nu[2] * e * now.visibility)};
        for (int a = 0; a < 4; a++)
            for (int b = 0; b < 3; b++) {
                V p_K = dies_R[a] + (1.0 - dies_R[a]) * dies_U[b], v_R = sees[a] * Q, v_U = sees[b] * Q;
                V seen_R = v_R * (1.0 - v_U), seen_U = v_U * (1.0 - v_R);
                V quiet = (1.0 - sees[a]) * (1.0 - sees[b]) * (1.0 - phi);
                V rest = M::max(V{}, 1.0 - seen_R - seen_U - quiet);
                V named_R = (1.0 - eps_m) * seen_R + eps_m * seen_U, named_U = (1.0 - eps_m) * seen_U + eps_m * seen_R;
                V disputed = rest * unsettled, alive = 1.0 - p_K;
                quiet += rest - disputed;
                V *c = chance[a][b];
                c[0] = quiet * alive, c[1] = V{}, c[2] = named_R * alive, c[3] = named_R * p_K;
                c[4] = named_U * alive, c[5] = named_U * p_K, c[6] = disputed * alive, c[7] = (disputed + quiet) * p_K;
            }
    }
    void set_direct(const World &w, const Week &now, V x, V r) {
        V unit = gain_unit * (1.0 - r) * (1.0 + w.eta_x * x) * now.ease;
        for (int a = 0; a < 4; a++)
            for (int b = 0; b < (may_act[a] ? moves_U() : 0); b++) {
                const V *c = chance[a][b];
                V dead = c[3] + c[5] + c[7], named_R = c[2] + c[3], named_U = c[4] + c[5];
                V disputed = w.xi * (c[6] + c[7]);
                V value = w.g_aimed[a] + w.g[a] * unit - w.cost[a] * (named_R + disputed);
                direct_R[0][a][b] = value + w.effect[0][a] * dead;
                direct_R[1][a][b] = value + w.effect[1][a] * dead;
                direct_U[a][b] = w.g_U[b] * unit - w.cost_U[b] * (named_U + disputed) - w.void_cost * named_U;
            }
    }
    void set_answers(const World &w, const Week &now) {
        for (int o = 2; o < 8; o++) {
            bool in_line = !now.is_void && w.triggered(o % 2, o / 2, now.sustained, true);
            bool elsewhere = !now.is_void && w.triggered(o % 2, o / 2, now.sustained, false);
            may_invoke[o] = in_line || elsewhere;
            respond[o] = active_R[3];
            fire[o] = active_R[3] * double(may_fire[o]);
            invoked[o] = active_R[3] * (line * double(in_line) + (1.0 - line) * double(elsewhere));
            u_C[1][o] = all(-INFINITY), response[1][o] = V{};
        }
    }

    // ---- what the first moves lead to ----

    void first_moves() {
        for (int kappa = 0; kappa < 2; kappa++) {
            V *x = odds_R[kappa], *p = p_R[kappa];
            if (!may_act[1]) {
                V e_3 = active_R[3] * odds(x[3]), comply = 1.0 / (1.0 + e_3);
                p[0] = comply, p[3] = e_3 * comply;
                continue;
            }
            V e_1 = active_R[1] * odds(x[1]), e_2 = active_R[2] * odds(x[2]), e_3 = active_R[3] * odds(x[3]);
            V comply = 1.0 / (1.0 + e_1 + e_2 + e_3);
            p[0] = comply, p[1] = e_1 * comply, p[2] = e_2 * comply, p[3] = e_3 * comply;
        }
    }
    V likelihood(const V *p, int o) const {
        if (!may_act[1]) return p[0] * chance[0][0][o] + p[3] * chance[3][0][o];
        V given[4];
        for (int a = 0; a < 4; a++)
            given[a] = p_U[0] * chance[a][0][o] + p_U[1] * chance[a][1][o] + p_U[2] * chance[a][2][o];
        return (p[0] * given[0] + p[1] * given[1]) + (p[2] * given[2] + p[3] * given[3]);
    }
    void posterior(int o) {
        V like_0 = likelihood(p_R[0], o), like_1 = likelihood(p_R[1], o), total = mu * like_1 + (1.0 - mu) * like_0;
        like[0][o] = like_0, like[1][o] = like_1;
        q[o] = total > 0.0 ? mu * like_1 / total : all(mu);
    }
    void washington(const World &w, int o) {
        for (int f = 0; f < 2; f++) {
            V follow = q[o] * w.reply_US[1][f][1] + (1.0 - q[o]) * w.reply_US[0][f][1];
            V refuse_0 = odds(w.log_refuse - w.lam_US * (w.u_honour[0] + follow));
            V refuse_1 = M::min(refuse_0 * w.steadier, all(1e300));
            refuse[0][f][o] = refuse_0, refuse[1][f][o] = refuse_1;
            honoured[f][o] = invoked[o] * (gamma / (1.0 + refuse_1) + (1.0 - gamma) / (1.0 + refuse_0));
        }
    }
    void contingent_unarmed(const World &w, int o) {
        V report = base[0][o] - danger * q[o], leave = base[2][o];
        V e_2 = odds(w.lam_C * (leave - report)), stays = respond[o] / (1.0 + e_2);
        u_C[0][o] = report, u_C[2][o] = leave;
        response[0][o] = stays, response[2][o] = e_2 * stays;
    }
    void contingent_uncalled(const World &w, int o) {
        V q_o = q[o], report = base[0][o] - danger * q_o, leave = base[2][o];
        V shoot = base[1][o] - danger * q_o + (q_o * w.reply_C[1][1][0] + (1.0 - q_o) * w.reply_C[0][1][0]);
        choose(w, o, report, shoot, leave);
    }
    void contingent(const World &w, int o) {
        V q_o = q[o], called = invoked[o], h_0 = honoured[0][o], h_1 = honoured[1][o];
        const auto &c = w.reply_C;
        V cold = w.u_S * w.share * (called - h_0) + h_0 * (w.u_H + q_o * c[1][0][1] + (1.0 - q_o) * c[0][0][1]);
        V hot = w.u_S * w.share * (called - h_1) + h_1 * (w.u_H + q_o * c[1][1][1] + (1.0 - q_o) * c[0][1][1]);
        hot += (1.0 - h_1) * (q_o * c[1][1][0] + (1.0 - q_o) * c[0][1][0]);
        V report = base[0][o] - danger * q_o + cold, shoot = base[1][o] - danger * q_o + hot, leave = base[2][o] + cold;
        choose(w, o, report, shoot, leave);
    }
    void choose(const World &w, int o, V report, V shoot, V leave) {
        V e_1 = fire[o] * odds(w.lam_C * (shoot - report)), e_2 = odds(w.lam_C * (leave - report));
        V there = respond[o] / (1.0 + e_1 + e_2);
        u_C[0][o] = report, u_C[1][o] = fire[o] > 0.0 ? shoot : all(-INFINITY), u_C[2][o] = leave;
        response[0][o] = there, response[1][o] = e_1 * there, response[2][o] = e_2 * there;
    }
    void later_values(const World &w, int o) {
        V called = invoked[o], h_0 = honoured[0][o], h_1 = honoured[1][o];
        V s_0 = w.share * (called - h_0), s_1 = w.share * (called - h_1);
        V fires = response[1][o], leaves = response[2][o], waits = response[0][o] + leaves;
        for (int kappa = 0; kappa < 2; kappa++) {
            const auto &R = w.reply_R[kappa], &U = w.reply_U[kappa];
            V quiet_R = h_0 * (R[0][1] - w.H_R) - w.S_R * s_0;
            V fired_R = h_1 * (R[1][1] - w.H_R) - w.S_R * s_1 + (1.0 - h_1) * R[1][0];
            value_R[kappa][o] = w.prize * leaves + waits * quiet_R + fires * fired_R;
            V quiet_U = h_0 * (w.aid_A + U[0][1]);
            V fired_U = w.aid_E + h_1 * (w.aid_A + U[1][1]) + (1.0 - h_1) * U[1][0];
            value_U[kappa][o] = waits * quiet_U + fires * fired_U - w.loss * leaves;
        }
    }
    void uncalled_values(const World &w, int o) {
        V fires = double(may_fire[o]) * response[1][o], leaves = response[2][o];
        for (int kappa = 0; kappa < 2; kappa++) {
            value_R[kappa][o] = w.prize * leaves + fires * w.reply_R[kappa][1][0];
            value_U[kappa][o] = fires * (w.aid_E + w.reply_U[kappa][1][0]) - w.loss * leaves;
        }
    }
    static inline V over_signals(const V *c, const V *v) { return c[0] * v[0] + c[2] * v[2] + c[4] * v[4]; }
    void first_move_values(const World &w) {
        u_U[0] = u_U[1] = u_U[2] = V{};
        for (int a = 0; a < 4; a++) {
            if (!may_act[a]) continue;
            V p_1 = mu * p_R[1][a], p_0 = (1.0 - mu) * p_R[0][a], p_a = p_1 + p_0, mean[8];
            for (int o = 3; o < 8; o += 2) mean[o] = p_1 * value_U[1][o] + p_0 * value_U[0][o];
            for (int b = 0; b < moves_U(); b++) {
                const V *c = chance[a][b];
                V vacated = over_signals(c + 2, response[2] + 2), won = w.prize * vacated;
                u_U[b] += p_a * (direct_U[a][b] - w.loss * vacated) + over_signals(c + 3, mean + 3);
                for (int kappa = 0; kappa < 2; kappa++)
                    worth_R[kappa][a][b] = (direct_R[kappa][a][b] + won) + over_signals(c + 3, value_R[kappa] + 3);
            }
        }
        if (may_fire[2]) add_shots(w);
    }
    void add_shots(const World &w) {
        for (int kappa = 0; kappa < 2; kappa++)
            for (int a = 0; a < 4; a++)
                for (int b = 0; b < 3; b++) {
                    V shots = chance[a][b][2] * response[1][2];
                    worth_R[kappa][a][b] += shots * w.reply_R[kappa][1][0];
                    V weight = (kappa ? mu : 1.0 - mu) * p_R[kappa][a];
                    u_U[b] += weight * shots * (w.aid_E + w.reply_U[kappa][1][0]);
                }
    }
    void evaluate(const World &w) {
        first_moves();
        for (int o = 2; o < 8; o++) posterior(o);
        for (int o = 2; o < 8; o++) {
            if (may_invoke[o]) {
                washington(w, o), contingent(w, o), later_values(w, o);
                continue;
            }
            may_fire[o] ? contingent_uncalled(w, o) : contingent_unarmed(w, o);
            if (o % 2) uncalled_values(w, o);
        }
        first_move_values(w);
    }

    // ---- the answer, and the next guess ----

    void answer_ukraine(const World &w) {
        if (!may_act[1]) {
            answer_U[0] = all(1.0), residual = V{};
            return;
        }
        V e_1 = active_U[1] * odds(w.lam_U * (u_U[1] - u_U[0])), e_2 = active_U[2] * odds(w.lam_U * (u_U[2] - u_U[0]));
        V comply = 1.0 / (1.0 + e_1 + e_2);
        answer_U[0] = comply, answer_U[1] = e_1 * comply, answer_U[2] = e_2 * comply;
        residual = larger(larger(M::abs(comply - p_U[0]), M::abs(answer_U[1] - p_U[1])), M::abs(answer_U[2] - p_U[2]));
    }
    void answer_russia(const World &w) {
        V *u = answer_U, *u_last = p_U;
        for (int kappa = 0; kappa < 2; kappa++)
            for (int a = 1; a < 4; a++) {
                const V *worth = worth_R[kappa][a], *none = worth_R[kappa][0];
                V more_0 = worth[0] - none[0], more_1 = worth[1] - none[1], more_2 = worth[2] - none[2];
                V more = u[0] * more_0 + u[1] * more_1 + u[2] * more_2;
                V more_last = u_last[0] * more_0 + u_last[1] * more_1 + u_last[2] * more_2;
                answer_R[kappa][a] = active_R[a] * (w.lam_R * more);
                gap_R[kappa][a] = active_R[a] * (w.lam_R * more_last - odds_R[kappa][a]);
            }
    }
    void measure() {
        V widest = V{}, off = V{}, total = V{};
        for (int kappa = 0; kappa < 2; kappa++) {
            const V *r = gap_R[kappa], *p = p_R[kappa];
            V mean = p[1] * r[1] + p[2] * r[2] + p[3] * r[3];
            widest = larger(widest, larger(larger(M::abs(r[1]), M::abs(r[2])), M::abs(r[3])));
            V worst = larger(p[0] * M::abs(mean), p[1] * M::abs(r[1] - mean));
            off = larger(off, larger(worst, larger(p[2] * M::abs(r[2] - mean), p[3] * M::abs(r[3] - mean))));
            total += mean;
        }
        residual = larger(widest <= NEAR ? off : widest, residual);
        gap = widest;
        V sane = residual < INFINITY ? (gap < INFINITY ? (total == total ? all(1.0) : V{}) : V{}) : V{};
        residual = sane > 0.0 ? residual : all(INFINITY);
    }
    bool settle() {
        V closed = residual <= TOLERANCE ? (gap <= LOG_TOLERANCE ? all(1.0) : V{}) : V{};
        open = closed > 0.0 ? V{} : open;
        for (int j = 0; j < L; j++)
            if (open[j] != 0.0) return false;
        return true;
    }
    void accelerate(int rounds) {
        V along = V{}, across = V{}, size = V{};
        for (int kappa = 0; kappa < 2; kappa++)
            for (int a = 1; a < 4; a++) {
                V r = answer_R[kappa][a] - odds_R[kappa][a], d = r - last_step[kappa][a];
                last_step[kappa][a] = r;
                across += d * r, along += d * d, size += r * r;
            }
        V better = rounds > 1 ? (along > 0.0 ? (size < last_gap ? all(1.0) : V{}) : V{}) : V{};
        V theta = better > 0.0 ? across / along : V{};
        last_gap = size;
        for (int kappa = 0; kappa < 2; kappa++)
            for (int a = 1; a < 4; a++) {
                V y = answer_R[kappa][a];
                odds_R[kappa][a] += open * (last_step[kappa][a] - theta * (y - last_answer[kappa][a]));
                last_answer[kappa][a] = y;
            }
        for (int b = 0; b < 3; b++) p_U[b] = open * answer_U[b] + (1.0 - open) * p_U[b];
    }
    void damp(int rounds) {
        double share = rounds < DAMP_STRONG_AFTER ? 0.5 : 0.2;
        for (int kappa = 0; kappa < 2; kappa++)
            for (int a = 1; a < 4; a++) {
                V old = odds_R[kappa][a], moved = old + share * (answer_R[kappa][a] - old);
                odds_R[kappa][a] = open > 0.0 ? (rounds == DAMP_AFTER ? start_R[kappa][a] : moved) : old;
            }
        for (int b = 0; b < 3; b++) {
            V old = p_U[b], moved = old + share * (answer_U[b] - old);
            p_U[b] = open > 0.0 ? (rounds == DAMP_AFTER ? start_U[b] : moved) : old;
        }
    }
    void write_choices(const World &w) {
        posterior(0);
        q[1] = all(mu);
        for (int o = 2; o < 8; o++)
            for (int tau = 0; tau < 2 && may_invoke[o]; tau++)
                for (int f = 0; f < 2; f++) {
                    V asked = f == 0 ? invoked[o] : invoked[o] * fire[o];
                    V honours = asked / (1.0 + refuse[tau][f][o]), rest = honours * refuse[tau][f][o];
                    V(&d)[3][8] = decision[tau][f];
                    d[0][o] = (1.0 - w.share) * rest, d[1][o] = w.share * rest, d[2][o] = honours;
                }
    }
    // Returns the rounds taken, or -1 if some place was not solved.
    int solve(const World &w) {
        __builtin_memcpy(start_R, odds_R, sizeof start_R);
        __builtin_memcpy(start_U, p_U, sizeof start_U);
        for (int rounds = 1; rounds <= FOLLOW_AFTER; rounds++) {
            evaluate(w);
            answer_ukraine(w);
            answer_russia(w);
            measure();
            if (settle()) {
                write_choices(w);
                return rounds;
            }
            rounds < DAMP_AFTER ? accelerate(rounds) : damp(rounds);
        }
        return -1;
    }
};
