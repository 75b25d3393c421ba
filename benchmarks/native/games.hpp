// The incident games of L places at once: laid out (model/kernels/stage.py) and solved (values.py, incident.py).
#pragma once
#include "lanes.hpp"

struct Parameters;  // the PARAMETERS row, by symbol

template <int L> struct Games {
    using M = Lanes<L>;
    using V = typename M::V;

    // one a place
    V chance[4][3][8], direct_R[2][4][3], direct_U[4][3], base[3][8], danger;
    V active_R[4], active_U[3], respond[8], fire[8], invoked[8];
    V odds_R[2][4], p_R[2][4], p_U[3], answer_R[2][4], answer_U[3];
    V like[2][8], q[8], refuse[2][2][8], honoured[2][8], u_C[8][3], response[8][3], value_R[2][8], value_U[2][8];
    V worth_R[2][4][3], u_R[2][4], u_U[3], gap, residual;
    // the same for all
    int may_fire[8], may_invoke[8];
    double mu, gamma, lam_R, lam_U, lam_C, lam_US, prize, S_R, H_R, loss, aid_E, aid_A, u_S, u_H, u_honour[2];
    double log_refuse, sanction_share;
    double reply_R[2][2][2], reply_U[2][2][2], reply_C[2][2][2], reply_US[2][2][2];

    static inline V odds(V z) { return M::exp(M::min(M::all(690.0), z)); }

    void first_moves() {
        for (int kappa = 0; kappa < 2; kappa++) {
            V e_1 = active_R[1] * odds(odds_R[kappa][1]), e_2 = active_R[2] * odds(odds_R[kappa][2]);
            V e_3 = active_R[3] * odds(odds_R[kappa][3]);
            V comply = 1.0 / (1.0 + e_1 + e_2 + e_3);
            p_R[kappa][0] = comply, p_R[kappa][1] = e_1 * comply, p_R[kappa][2] = e_2 * comply;
            p_R[kappa][3] = e_3 * comply;
        }
    }
    void likelihoods(int o) {
        V given[4];
        for (int a = 0; a < 4; a++)
            given[a] = p_U[0] * chance[a][0][o] + p_U[1] * chance[a][1][o] + p_U[2] * chance[a][2][o];
        for (int kappa = 0; kappa < 2; kappa++) {
            V *p = p_R[kappa];
            like[kappa][o] = (p[0] * given[0] + p[1] * given[1]) + (p[2] * given[2] + p[3] * given[3]);
        }
        V committed = mu * like[1][o], total = committed + (1.0 - mu) * like[0][o];
        q[o] = total > 0.0 ? committed / total : M::all(mu);
    }
    void washington(int f, int o) {
        V follow = q[o] * reply_US[1][f][1] + (1.0 - q[o]) * reply_US[0][f][1];
        V refuse_0 = odds(log_refuse - lam_US * (u_honour[0] + follow));
        V refuse_1 = odds(log_refuse - lam_US * (u_honour[1] + follow));
        refuse[0][f][o] = refuse_0, refuse[1][f][o] = refuse_1;
        honoured[f][o] = invoked[o] * (gamma / (1.0 + refuse_1) + (1.0 - gamma) / (1.0 + refuse_0));
    }
    void contingent_unarmed(int o) {
        V report = base[0][o] - danger * q[o], leave = base[2][o];
        V e_2 = odds(lam_C * (leave - report)), stays = respond[o] / (1.0 + e_2), leaves = e_2 * stays;
        u_C[o][0] = report, u_C[o][1] = M::all(-INFINITY), u_C[o][2] = leave;
        response[o][0] = stays, response[o][1] = V{}, response[o][2] = leaves;
        value_R[0][o] = value_R[1][o] = prize * leaves;
        value_U[0][o] = value_U[1][o] = -loss * leaves;
    }
    void contingent(int o) {
        V q_o = q[o], called = invoked[o], h_0 = honoured[0][o], h_1 = honoured[1][o];
        const auto &c = reply_C;
        V cold = u_S * sanction_share * (called - h_0) + h_0 * (u_H + q_o * c[1][0][1] + (1.0 - q_o) * c[0][0][1]);
        V hot = u_S * sanction_share * (called - h_1) + h_1 * (u_H + q_o * c[1][1][1] + (1.0 - q_o) * c[0][1][1]);
        hot += (1.0 - h_1) * (q_o * c[1][1][0] + (1.0 - q_o) * c[0][1][0]);
        V report = base[0][o] - danger * q_o + cold, shoot = base[1][o] - danger * q_o + hot, leave = base[2][o] + cold;
        V e_1 = fire[o] * odds(lam_C * (shoot - report)), e_2 = odds(lam_C * (leave - report));
        V there = respond[o] / (1.0 + e_1 + e_2);
        u_C[o][0] = report, u_C[o][1] = fire[o] > 0.0 ? shoot : M::all(-INFINITY), u_C[o][2] = leave;
        response[o][0] = there, response[o][1] = e_1 * there, response[o][2] = e_2 * there;
        for (int kappa = 0; kappa < 2; kappa++) {
            V s_0 = sanction_share * (called - h_0), s_1 = sanction_share * (called - h_1);
            V fires = response[o][1], leaves = response[o][2], waits = response[o][0] + leaves;
            V quiet_R = h_0 * (reply_R[kappa][0][1] - H_R) - S_R * s_0;
            V fired_R = h_1 * (reply_R[kappa][1][1] - H_R) - S_R * s_1 + (1.0 - h_1) * reply_R[kappa][1][0];
            value_R[kappa][o] = prize * leaves + waits * quiet_R + fires * fired_R;
            V quiet_U = h_0 * (aid_A + reply_U[kappa][0][1]);
            V fired_U = aid_E + h_1 * (aid_A + reply_U[kappa][1][1]) + (1.0 - h_1) * reply_U[kappa][1][0];
            value_U[kappa][o] = waits * quiet_U + fires * fired_U - loss * leaves;
        }
    }
    void first_move_values() {
        for (int kappa = 0; kappa < 2; kappa++)
            for (int a = 0; a < 4; a++) {
                const V *v = value_R[kappa];
                for (int b = 0; b < 3; b++) {
                    const V *c = chance[a][b];
                    worth_R[kappa][a][b] = (direct_R[kappa][a][b] + c[2] * v[2] + c[3] * v[3]) +
                                           (c[4] * v[4] + c[5] * v[5]) + (c[6] * v[6] + c[7] * v[7]);
                }
                const V *w = worth_R[kappa][a];
                u_R[kappa][a] = p_U[0] * w[0] + p_U[1] * w[1] + p_U[2] * w[2];
            }
        u_U[0] = u_U[1] = u_U[2] = V{};
        const V *v_0 = value_U[0], *v_1 = value_U[1];
        for (int a = 0; a < 4; a++) {
            V p_1 = mu * p_R[1][a], p_0 = (1.0 - mu) * p_R[0][a];
            for (int b = 0; b < 3; b++) {
                const V *c = chance[a][b];
                u_U[b] += (p_1 + p_0) * direct_U[a][b] +
                          (c[2] * (p_1 * v_1[2] + p_0 * v_0[2]) + c[3] * (p_1 * v_1[3] + p_0 * v_0[3])) +
                          (c[4] * (p_1 * v_1[4] + p_0 * v_0[4]) + c[5] * (p_1 * v_1[5] + p_0 * v_0[5])) +
                          (c[6] * (p_1 * v_1[6] + p_0 * v_0[6]) + c[7] * (p_1 * v_1[7] + p_0 * v_0[7]));
            }
        }
    }
    void evaluate() {
        first_moves();
        for (int o = 2; o < 8; o++) likelihoods(o);
        for (int o = 2; o < 8; o++) {
            if (may_invoke[o]) washington(0, o), washington(1, o);
            else honoured[0][o] = honoured[1][o] = V{};
            if (may_invoke[o] || may_fire[o]) contingent(o);
            else contingent_unarmed(o);
        }
        first_move_values();
    }
};
