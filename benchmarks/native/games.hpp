// The incident games of L places at once, as the kernels lay them out (stage.py, monitoring.py) and solve them
// (values.py, hubs.py, answers.py, incident.py): the same formulas in the same order. Not here: the path that is
// followed when 5,000 rounds fail.
#pragma once
#include "lanes.hpp"
#include "world.hpp"

constexpr double TOLERANCE = 1e-10, LOG_TOLERANCE = 1e-9, NEAR = 1e-7, FAR = 1e-6, CLOSE = 1e-6, MOST = 1e300;
constexpr int DAMP_AFTER = 40, DAMP_STRONG_AFTER = 250, FOLLOW_AFTER = 5000;
#define INLINE [[gnu::always_inline]] inline

template <int L> struct Games {
    using M = Lanes<L>;
    using V = typename M::V;
    struct Traces {  // chances of what one side's week leaves, or what that is worth
        V named, seen, unseen, killed_named, killed;
    };
    struct Observables {
        V quiet, alive_R, dead_R, alive_U, dead_U, unclear, dead;
    };
    struct Worth {  // of Russia's four actions to one of its types
        V of[4];
    };
    struct AtOnce {  // the same before anyone responds: a strike to either type
        V of[3], strike[2];
    };

    // one a place: what a week leaves to be seen, payoffs that do not depend on later play, who may do what
    Traces leaves_R[4], leaves_U[3];
    V direct_R[4][3], direct_U[4][3], danger, leave;
    V active_R[4], active_U[3], invoked[8];
    V hub, line, gain_unit, eps_m, length, troops, lead, observers, coverage, Q, phi, unsettled, dies_R[4], dies_U[3];
    // the first moves, the answer to them, and what follows them
    V odds_R[2][4], p_R[2][4], p_U[3], answer_R[2][4], answer_U[3], gap_R[2][4], last_answer[2][4], last_step[2][4];
    V start_R[2][4], start_U[3];
    Traces trace_R[2], trace_U;
    V like[2][8], q[8], refuse[2][2][8], honoured[2][8], response[3][8], value_R[2][8], value_U[2][8], u_U[3];
    V open, gap, last_gap, near, residual_U, residual;
    // the same for all places
    int may_fire[8], may_invoke[8], may_act[4];
    double mu, gamma;

    static inline V all(double x) { return M::all(x); }
    static inline V odds(V z) { return M::odds(z); }
    static inline V mean(V chance, double low, double high) { return low + chance * (high - low); }
    static inline V mean(double chance, V low, V high) { return low + chance * (high - low); }

    // ---- what the monitors see ----

    static inline Traces traces(V D, V Q, V kills) {
        V v = D * Q, alive = 1.0 - kills;
        return {alive * v, alive * (D - v), alive * (1.0 - D), kills * v, kills * (1.0 - v)};
    }
    INLINE Observables observables(const Traces &R, const Traces &U) const {
        V missed_R = R.seen + R.unseen, missed_U = U.seen + U.unseen;
        V all_named_U = U.named + U.killed_named, all_missed_U = missed_U + U.killed;
        V one_R = R.named * missed_U, one_U = missed_R * U.named;
        V unclear = R.named * U.named + R.seen * missed_U + R.unseen * (U.seen + phi * U.unseen);
        V one_R_K = R.killed_named * all_missed_U + R.named * U.killed;
        V one_U_K = R.killed * all_named_U + missed_R * U.killed_named;
        V both = R.killed_named * all_named_U + R.named * U.killed_named;
        V neither = R.killed * all_missed_U + missed_R * U.killed;
        V disputed = unclear * unsettled, quiet = (1.0 - phi) * R.unseen * U.unseen + (unclear - disputed);
        V swapped = eps_m * (one_U - one_R), swapped_K = eps_m * (one_U_K - one_R_K);
        return {quiet, one_R + swapped, one_R_K + swapped_K, one_U - swapped, one_U_K - swapped_K, disputed,
                both + neither};
    }
    // What a side's traces are worth to it over the other's; v: this side named (K = 0, K = 1), the other, disputed.
    INLINE Traces worth_of_traces(const Traces &others, V own, V own_K, V other, V other_K, V disputed,
                                  V disputed_K) const {
        const auto &[named, seen, unseen, killed_named, killed] = others;
        V missed = seen + unseen, all_named = named + killed_named, all_missed = missed + killed;
        V swapped = eps_m * (other - own), swapped_K = eps_m * (other_K - own_K);
        own += swapped, other -= swapped, own_K += swapped_K, other_K -= swapped_K;
        V unclear = disputed * unsettled, not_named = named * other + (killed_named * other_K + killed * disputed_K);
        return {missed * own + named * unclear + (killed * own_K + killed_named * disputed_K),
                not_named + missed * unclear, not_named + (seen + phi * unseen) * unclear,
                all_missed * own_K + all_named * disputed_K, all_named * other_K + all_missed * disputed_K};
    }

    // ---- layout ----

    void set_rules(const World &w, int first) {
        for (int j = 0; j < L; j++) {
            int kind = w.kind[first + j];
            hub[j] = kind == 2, line[j] = kind == 0, length[j] = w.length[first + j];
            gain_unit[j] = (kind == 2 ? 0.0 : kind == 0 ? 1.0 : w.c_border) * w.dmz_factor;
            eps_m[j] = kind == 2 ? 0.0 : w.eps_m;
        }
        may_act[0] = 1, may_act[1] = may_act[2] = 0;
        for (int j = 0; j < L && first + j < w.places; j++)
            if (w.kind[first + j] != 2) may_act[1] = may_act[2] = 1;
        troops = all(-1.0);
        active_R[0] = active_U[0] = all(1.0);
        leaves_R[0] = leaves_U[0] = {V{}, V{}, all(1.0), V{}, V{}};
        active_R[1] = active_R[2] = active_U[1] = active_U[2] = 1.0 - hub;
        for (auto &kappa : like)
            for (V &chance : kappa) chance = V{};
        for (int o = 0; o < 8; o++) {
            int K = o % 2, sigma = o / 2;
            may_fire[o] = o >= 2 && ((w.roe >= 1 && K == 1 && sigma != 2) || (w.roe == 2 && sigma == 1));
        }
    }
    void set_uniform() {
        for (int kappa = 0; kappa < 2; kappa++)
            for (int a = 0; a < 4; a++) odds_R[kappa][a] = answer_R[kappa][a] = V{};
        V n = active_U[0] + active_U[1] + active_U[2];
        for (int b = 0; b < 3; b++) p_U[b] = answer_U[b] = active_U[b] / n;
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
        may_act[3] = M::any(m > 0.0);
        for (int j = 0; j < L; j++) open[j] = first + j < w.places ? 1.0 : 0.0;
        set_presence(w, m, load(now.lead + first), load(now.monitors + first));
        set_traces(w, now);
        set_direct(w, now, load(now.tension + first), load(now.restraint + first));
        set_invoked(w, now);
    }
    static inline V kills(const World &w, V m, double k, V aimed) {
        return -M::expm1(-(w.protection * (m * k + aimed)));
    }
    // What depends on who is there: nothing to do if nobody moved.
    void set_presence(const World &w, V m, V leads, V monitors) {
        if (!M::any((troops != m) | (lead != leads) | (observers != monitors))) return;
        troops = m, lead = leads, observers = monitors;
        for (int j = 0; j < L; j++) {
            int n = int(lead[j]);
            danger[j] = n < 0 ? 0.0 : w.theta * w.danger[n];
            leave[j] = n < 0 ? 0.0 : -w.reputation[n];
        }
        V d = length > 0.0 ? (monitors + 1000.0 * w.alpha * m) / length : V{};
        coverage = w.isr - (1.0 - w.isr) * M::expm1(-d / w.d0);
        Q = hub == 1.0 ? all(w.hub_attribution) : 1.0 - (1.0 - w.q0) * M::exp(-d / w.d_q);
        phi = hub == 1.0 ? V{} : w.phi0 * M::exp(-d / w.d0);
        unsettled = hub == 1.0 ? all(1.0) : M::exp(-d / w.d_c);
        dies_R[0] = dies_U[0] = V{}, dies_R[3] = kills(w, m, 0.0, w.k_strike * active_R[3]);
        dies_R[1] = kills(w, m, w.k[0], V{}), dies_R[2] = kills(w, m, w.k[1], V{});
        dies_U[1] = kills(w, m, w.k_U[0], V{}), dies_U[2] = kills(w, m, w.k_U[1], V{});
    }
    void set_traces(const World &w, const Week &now) {
        V sees[4];
        for (int a = 1; a < 4; a++) sees[a] = -M::expm1(-w.nu[a - 1] * coverage * now.visibility);
        sees[3] = hub == 1.0 ? all(1.0) : sees[3];
        for (int a = 1; a < 4; a++) leaves_R[a] = traces(sees[a], Q, dies_R[a]);
        for (int b = 1; b < 3; b++) leaves_U[b] = traces(sees[b], Q, dies_U[b]);
    }
    void set_direct(const World &w, const Week &now, V x, V r) {
        V gain = gain_unit * (1.0 - r) * (1.0 + w.eta_x * x) * now.ease;
        for (int b = 0; b < (may_act[1] ? 3 : 1); b++) {
            V one = all(1.0), xi = all(w.xi);
            V named = all(w.cost_U[b] + w.void_cost), disputed = all(w.xi * w.cost_U[b]);
            Traces seen_R = worth_of_traces(leaves_U[b], one, one, V{}, V{}, xi, xi);
            Traces paid_U = worth_of_traces(leaves_U[b], V{}, V{}, named, named, disputed, disputed);
            direct_R[0][b] = V{}, direct_U[0][b] = w.g_U[b] * gain - paid_U.unseen;
            for (int a = 1; a < 4; a++) {
                direct_R[a][b] = w.g_aimed[a] + w.g[a] * gain - w.cost[a] * over_traces(leaves_R[a], seen_R);
                direct_U[a][b] = w.g_U[b] * gain - over_traces(leaves_R[a], paid_U);
            }
        }
    }
    void set_invoked(const World &w, const Week &now) {
        for (int o = 2; o < 8; o++) {
            bool in_line = !now.is_void && w.triggered(o % 2, o / 2, now.sustained, true);
            bool elsewhere = !now.is_void && w.triggered(o % 2, o / 2, now.sustained, false);
            may_invoke[o] = in_line || elsewhere;
            invoked[o] = active_R[3] * (line * double(in_line) + (1.0 - line) * double(elsewhere));
        }
    }

    // ---- what the first moves lead to ----

    void first_moves() {
        russia_moves(0), russia_moves(1);
        trace_U = ukraine_leaves(p_U);
    }
    INLINE void russia_moves(int kappa) {
        const V *x = odds_R[kappa];
        const auto &[none, probe, raid, strike] = leaves_R;
        V e_1 = active_R[1] * odds(x[1]), e_2 = active_R[2] * odds(x[2]), e_3 = active_R[3] * odds(x[3]);
        V comply = 1.0 / (1.0 + e_1 + e_2 + e_3), p_1 = e_1 * comply, p_2 = e_2 * comply, p_3 = e_3 * comply;
        p_R[kappa][0] = comply, p_R[kappa][1] = p_1, p_R[kappa][2] = p_2, p_R[kappa][3] = p_3;
        trace_R[kappa] = {p_1 * probe.named + (p_2 * raid.named + p_3 * strike.named),
                          p_1 * probe.seen + (p_2 * raid.seen + p_3 * strike.seen),
                          comply + (p_1 * probe.unseen + (p_2 * raid.unseen + p_3 * strike.unseen)),
                          p_1 * probe.killed_named + (p_2 * raid.killed_named + p_3 * strike.killed_named),
                          p_1 * probe.killed + (p_2 * raid.killed + p_3 * strike.killed)};
    }
    INLINE Traces ukraine_leaves(const V *p) const {
        const auto &[none, probe, raid] = leaves_U;
        return {p[1] * probe.named + p[2] * raid.named, p[1] * probe.seen + p[2] * raid.seen,
                p[0] + (p[1] * probe.unseen + p[2] * raid.unseen),
                p[1] * probe.killed_named + p[2] * raid.killed_named, p[1] * probe.killed + p[2] * raid.killed};
    }
    INLINE V committed(V like_0, V like_1) const {
        V total = mu * like_1 + (1.0 - mu) * like_0;
        return total > 0.0 ? mu * like_1 / total : all(mu);
    }
    void posteriors() {
        for (int kappa = 0; kappa < 2; kappa++) {
            Observables o = observables(trace_R[kappa], trace_U);
            V *l = like[kappa];
            l[0] = o.quiet, l[2] = o.alive_R, l[3] = o.dead_R, l[4] = o.alive_U, l[5] = o.dead_U, l[6] = o.unclear;
            l[7] = o.dead;
        }
        for (int o = 2; o < 8; o++) q[o] = committed(like[0][o], like[1][o]);
    }
    void washington(const World &w, int o) {
        for (int f = 0; f < 2; f++) {
            V follow = mean(q[o], w.reply_US[0][f][1], w.reply_US[1][f][1]);
            V refuse_0 = odds(w.log_refuse - w.lam_US * (w.u_honour[0] + follow));
            V refuse_1 = M::min(refuse_0 * w.steadier, all(MOST));
            refuse[0][f][o] = refuse_0, refuse[1][f][o] = refuse_1;
            honoured[f][o] = invoked[o] * (gamma / (1.0 + refuse_1) + (1.0 - gamma) / (1.0 + refuse_0));
        }
    }
    // The chance that Washington declines (choice 0), sanctions (1) or honours (2) at a set that exists.
    V decides(const World &w, int tau, int f, int choice, int o) const {
        V honours = 1.0 / (1.0 + refuse[tau][f][o]);
        return choice == 2 ? honours : (choice == 1 ? w.share : 1.0 - w.share) * (honours * refuse[tau][f][o]);
    }
    void alone(const World &w, int o) {
        const auto &c = w.reply_C;
        V risk = danger * q[o];
        contingent(w, o, w.report[o] - risk, w.shoot - risk + mean(q[o], c[0][1][0], c[1][1][0]), leave);
    }
    void backed(const World &w, int o) {
        const auto &c = w.reply_C;
        V q_o = q[o], risk = danger * q_o, called = invoked[o], h_0 = honoured[0][o], h_1 = honoured[1][o];
        V cold = w.u_S * w.share * (called - h_0) + h_0 * (w.u_H + mean(q_o, c[0][0][1], c[1][0][1]));
        V hot = w.u_S * w.share * (called - h_1) + h_1 * (w.u_H + mean(q_o, c[0][1][1], c[1][1][1]));
        hot += (1.0 - h_1) * mean(q_o, c[0][1][0], c[1][1][0]);
        contingent(w, o, w.report[o] - risk + cold, w.shoot - risk + hot, leave + cold);
    }
    INLINE void contingent(const World &w, int o, V report, V shoot, V pull_back) {
        V e_2 = odds(w.lam_C * (pull_back - report));
        if (!may_fire[o]) {
            V there = active_R[3] / (1.0 + e_2);
            response[0][o] = there, response[1][o] = V{}, response[2][o] = e_2 * there;
            return;
        }
        V e_1 = odds(w.lam_C * (shoot - report)), there = active_R[3] / (1.0 + e_1 + e_2);
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
        V fires = response[1][o], leaves = response[2][o];
        for (int kappa = 0; kappa < 2; kappa++) {
            value_R[kappa][o] = w.prize * leaves + fires * w.reply_R[kappa][1][0];
            value_U[kappa][o] = fires * (w.aid_E + w.reply_U[kappa][1][0]) - w.loss * leaves;
        }
    }
    void unarmed(const World &w, int o) {
        V report = w.report[o] - danger * q[o], e_2 = odds(w.lam_C * (leave - report));
        V there = active_R[3] / (1.0 + e_2), leaves = e_2 * there;
        response[0][o] = there, response[1][o] = V{}, response[2][o] = leaves;
        value_R[0][o] = value_R[1][o] = w.prize * leaves, value_U[0][o] = value_U[1][o] = -w.loss * leaves;
    }
    void answers_to(const World &w, int o) {
        if (may_invoke[o])
            washington(w, o), backed(w, o), later_values(w, o);
        else if (may_fire[o])
            alone(w, o), uncalled_values(w, o);
        else
            unarmed(w, o);
    }
    INLINE Traces trace_worths_U(int kappa) const {
        const V *v = value_U[kappa];
        return worth_of_traces(trace_R[kappa], v[4], v[5], v[2], v[3], v[6], v[7]);
    }
    INLINE Traces trace_worths_R(int kappa, const Traces &others) const {
        const V *v = value_R[kappa];
        return worth_of_traces(others, v[2], v[3], v[4], v[5], v[6], v[7]);
    }
    static inline V over_traces(const Traces &left, const Traces &worths) {
        V alive = left.named * worths.named + left.seen * worths.seen + left.unseen * worths.unseen;
        return alive + (left.killed_named * worths.killed_named + left.killed * worths.killed);
    }
    void ukraine_payoffs() {
        Traces w_0 = trace_worths_U(0), w_1 = trace_worths_U(1);
        Traces worths = {mean(mu, w_0.named, w_1.named), mean(mu, w_0.seen, w_1.seen),
                         mean(mu, w_0.unseen, w_1.unseen), mean(mu, w_0.killed_named, w_1.killed_named),
                         mean(mu, w_0.killed, w_1.killed)};
        V p[4];
        for (int a = 0; a < 4; a++) p[a] = mean(mu, p_R[0][a], p_R[1][a]);
        const auto &d = direct_U;
        for (int b = 0; b < 3; b++) {
            V direct = p[0] * d[0][b] + p[1] * d[1][b] + (p[2] * d[2][b] + p[3] * d[3][b]);
            u_U[b] = direct + (b == 0 ? worths.unseen : over_traces(leaves_U[b], worths));
        }
    }
    INLINE AtOnce at_once(const World &w, const V *u, const Traces &others) const {
        const auto &d = direct_R;
        V dead = dies_R[3] + (1.0 - dies_R[3]) * (others.killed_named + others.killed);
        V strike = u[0] * d[3][0] + u[1] * d[3][1] + u[2] * d[3][2];
        return {{u[0] * d[0][0] + u[1] * d[0][1] + u[2] * d[0][2], u[0] * d[1][0] + u[1] * d[1][1] + u[2] * d[1][2],
                 u[0] * d[2][0] + u[1] * d[2][1] + u[2] * d[2][2]},
                {strike + w.effect[0] * dead, strike + w.effect[1] * dead}};
    }
    INLINE Worth russia_worth(int kappa, const AtOnce &direct, const Traces &others) const {
        Traces worths = trace_worths_R(kappa, others);
        return {{direct.of[0] + worths.unseen, direct.of[1] + over_traces(leaves_R[1], worths),
                 direct.of[2] + over_traces(leaves_R[2], worths),
                 direct.strike[kappa] + over_traces(leaves_R[3], worths)}};
    }
    void evaluate(const World &w) {
        first_moves();
        posteriors();
        for (int o = 2; o < 8; o++) answers_to(w, o);
        ukraine_payoffs();
    }

    // ---- hubs (hubs.py): Russia complies or strikes, and whatever is observed tells the same ----

    void strikes() {
        const Traces &strike = leaves_R[3];
        V p[2];
        for (int kappa = 0; kappa < 2; kappa++) {
            V e = active_R[3] * odds(odds_R[kappa][3]), comply = 1.0 / (1.0 + e), *l = like[kappa];
            p[kappa] = e * comply;
            p_R[kappa][0] = comply, p_R[kappa][3] = p[kappa];
            l[0] = comply + p[kappa] * strike.unseen, l[2] = p[kappa] * strike.named;
            l[3] = p[kappa] * strike.killed_named, l[6] = p[kappa] * strike.seen, l[7] = p[kappa] * strike.killed;
        }
        q[2] = q[3] = q[6] = q[7] = committed(p[0], p[1]);
    }
    void strike_odds(const World &w) {
        const Traces &strike = leaves_R[3];
        for (int kappa = 0; kappa < 2; kappa++) {
            const V *v = value_R[kappa];
            V at_once = direct_R[3][0] - direct_R[0][0] + w.effect[kappa] * dies_R[3];
            V alive = strike.named * v[2] + strike.seen * v[6];
            V follows = alive + (strike.killed_named * v[3] + strike.killed * v[7]);
            answer_R[kappa][3] = w.lam_R * active_R[3] * (at_once + follows);
            gap_R[kappa][3] = answer_R[kappa][3] - odds_R[kappa][3];
        }
    }
    void answer_strikes(const World &w) {
        strikes();
        for (int o : {3, 7, 2, 6}) answers_to(w, o);
        strike_odds(w);
    }

    // What would follow if Ukraine were named in a hub, for whoever compares.
    void complete(const World &w) {
        for (int o = 4; o < (may_act[1] ? 4 : 6); o++) q[o] = all(mu), answers_to(w, o);
    }

    // ---- the answer, and the next guess ----

    void answer_ukraine(const World &w) {
        V e_1 = active_U[1] * odds(w.lam_U * (u_U[1] - u_U[0])), e_2 = active_U[2] * odds(w.lam_U * (u_U[2] - u_U[0]));
        V comply = 1.0 / (1.0 + e_1 + e_2), p_1 = e_1 * comply, p_2 = e_2 * comply;
        answer_U[0] = comply, answer_U[1] = p_1, answer_U[2] = p_2;
        residual_U = M::max(M::max(M::abs(comply - p_U[0]), M::abs(p_1 - p_U[1])), M::abs(p_2 - p_U[2]));
    }
    // Russia's answer in log-odds against comply to first moves u of Ukraine's, which leave `others`.
    INLINE void log_odds(const World &w, const V *u, const Traces &others, V (*out)[4]) const {
        AtOnce direct = at_once(w, u, others);
        for (int kappa = 0; kappa < 2; kappa++) {
            Worth worth = russia_worth(kappa, direct, others);
            for (int a = 1; a < 4; a++) out[kappa][a] = w.lam_R * active_R[a] * (worth.of[a] - worth.of[0]);
        }
    }
    void answer_russia(const World &w) { log_odds(w, answer_U, ukraine_leaves(answer_U), answer_R); }
    // Whether Russia's next answer is near in some open lane: where it is FAR the lane is not solved.
    bool any_near() {
        V off[2];
        for (int kappa = 0; kappa < 2; kappa++) {
            const V *x = odds_R[kappa], *y = answer_R[kappa];
            off[kappa] = M::max(M::max(M::abs(y[1] - x[1]), M::abs(y[2] - x[2])), M::abs(y[3] - x[3]));
        }
        near = M::max(off[0], off[1]) <= FAR ? all(1.0) : V{};
        return M::any(near * open != 0.0);
    }
    void distance(const World &w) {
        log_odds(w, p_U, trace_U, gap_R);
        for (int kappa = 0; kappa < 2; kappa++)
            for (int a = 1; a < 4; a++) gap_R[kappa][a] -= odds_R[kappa][a];
    }
    void measure() {
        V widest = V{}, off = V{}, total = V{};
        for (int kappa = 0; kappa < 2; kappa++) {
            const V *r = gap_R[kappa], *p = p_R[kappa];
            V mean = p[1] * r[1] + p[2] * r[2] + p[3] * r[3];
            widest = M::max(widest, M::max(M::max(M::abs(r[1]), M::abs(r[2])), M::abs(r[3])));
            V worst = M::max(p[0] * M::abs(mean), p[1] * M::abs(r[1] - mean));
            worst = M::max(worst, M::max(p[2] * M::abs(r[2] - mean), p[3] * M::abs(r[3] - mean)));
            off = M::max(off, worst), total += mean;
        }
        note(widest, M::max(widest <= NEAR ? off : widest, residual_U), total == total ? near : V{});
    }
    void measure_strikes() {
        V r_0 = gap_R[0][3], r_1 = gap_R[1][3], widest = M::max(M::abs(r_0), M::abs(r_1));
        V off = M::max(p_R[0][0] * p_R[0][3] * M::abs(r_0), p_R[1][0] * p_R[1][3] * M::abs(r_1));
        note(widest, widest <= NEAR ? off : widest, r_0 == r_0 ? all(1.0) : V{});
    }
    INLINE void note(V widest, V off, V sane) {
        sane = off < INFINITY ? (widest < INFINITY ? sane : V{}) : V{};
        gap = open == 0.0 ? gap : (sane > 0.0 ? widest : all(INFINITY));
        residual = open == 0.0 ? residual : (sane > 0.0 ? off : all(INFINITY));
    }
    void put_off() {
        gap = open == 0.0 ? gap : all(INFINITY);
        residual = open == 0.0 ? residual : all(INFINITY);
    }
    bool solved() const { return !M::any((residual <= TOLERANCE & gap <= LOG_TOLERANCE ? V{} : all(1.0)) * open != 0.0); }
    void answer(const World &w, bool expected) {
        if (!may_act[1]) {
            answer_strikes(w), measure_strikes();
            return;
        }
        evaluate(w);
        answer_ukraine(w);
        if (expected) {
            near = all(1.0);
            distance(w), measure();
            if (!solved()) answer_russia(w);
            return;
        }
        answer_russia(w);
        if (any_near())
            distance(w), measure();
        else
            put_off();
    }
    bool settle() {
        V closed = residual <= TOLERANCE ? (gap <= LOG_TOLERANCE ? all(1.0) : V{}) : V{};
        open = closed > 0.0 ? V{} : open;
        return !M::any(open != 0.0);
    }
    bool accelerate(int rounds) {  // returns whether all steps are CLOSE
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
        return !M::any((size > CLOSE * CLOSE ? open : V{}) != 0.0);
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
    // Returns the rounds taken, or -1 if some place was not solved.
    int solve(const World &w) {
        __builtin_memcpy(start_R, odds_R, sizeof start_R);
        __builtin_memcpy(start_U, p_U, sizeof start_U);
        bool expected = false;
        for (int rounds = 1; rounds <= FOLLOW_AFTER; rounds++) {
            answer(w, expected);
            if (settle()) return rounds;
            if (rounds < DAMP_AFTER) {
                expected = accelerate(rounds);
            } else {
                damp(rounds);
                expected = false;
            }
        }
        return -1;
    }
};
