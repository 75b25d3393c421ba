// What the games need of a PARAMETERS row and of a week: read from the files that benchmarks/native.py writes.
#pragma once
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

constexpr int MAX_PLACES = 32;

struct Week {  // as written, all float64
    double starts;  // 1 in the first week of a run
    double mu, gamma, visibility, ease, is_void, sustained, unused;
    double tension[MAX_PLACES], restraint[MAX_PLACES], troops[MAX_PLACES], lead[MAX_PLACES], monitors[MAX_PLACES];
};

struct World {
    int places, roe, trigger, kind[MAX_PLACES];
    double length[MAX_PLACES];
    std::vector<double> danger, reputation;
    double theta, c_border, dmz_factor, report[8], shoot, protection, alpha, isr, d0, d_q, d_c;
    double nu[3], k[2], k_U[2], k_strike, hub_attribution, q0, phi0, eps_m, eta_x, xi;
    double g_aimed[4], g[4], cost[4], effect[2], g_U[3], cost_U[3], void_cost;
    double lam_R, lam_U, lam_C, lam_US, prize, S_R, H_R, loss, aid_E, aid_A, u_S, u_H, u_honour[2], log_refuse, share, steadier;
    double reply_R[2][2][2], reply_U[2][2][2], reply_C[2][2][2], reply_US[2][2][2];

    explicit World(const std::string &file) {
        std::ifstream in(file);
        std::map<std::string, std::vector<double>> values;
        for (std::string line, name; std::getline(in, line);) {
            std::istringstream words(line);
            words >> name;
            for (double value; words >> value;) values[name].push_back(value);
        }
        auto p = [&](const char *name) {
            auto found = values.find(name);
            if (found == values.end()) throw std::runtime_error(std::string("no parameter ") + name);
            return found->second[0];
        };
        places = int(p("n_places")), roe = int(p("roe")), trigger = int(p("trigger"));
        for (int s = 0; s < MAX_PLACES; s++) kind[s] = int(values["kind_s"][s]), length[s] = values["l_s"][s];
        danger = values["danger_n"], reputation = values["reputation_n"];
        theta = p("theta"), c_border = p("c_border"), dmz_factor = std::exp(-p("dmz_km") / p("dmz0"));
        for (int o = 0; o < 8; o++) report[o] = -p(o % 2 ? "passive_K" : o == 2 ? "passive" : "passive_0");
        shoot = -p("fire_cost");
        protection = p("protection"), alpha = p("alpha"), isr = p("isr"), d0 = p("d0"), d_q = p("d_q"), d_c = p("d_c");
        nu[0] = p("nu_probe"), nu[1] = p("nu_raid"), nu[2] = p("nu_strike");
        k[0] = p("k_probe"), k[1] = p("k_raid"), k_strike = p("k_strike"), k_U[0] = p("k_probe_U");
        k_U[1] = p("k_raid_U"), hub_attribution = p("hub_attribution"), phi0 = p("phi0"), eps_m = p("eps_m");
        q0 = p("q0") + p("q_un") * p("un") + p("q_commission") * p("commission"), eta_x = p("eta_x"), xi = p("xi");
        double legal = 1.0 + p("un_legal") * p("un");
        double aimed[4] = {0.0, 0.0, 0.0, p("g_strike")}, gain[4] = {0.0, p("g_probe"), p("g_raid"), 0.0};
        double costs[4] = {0.0, p("cost_probe"), p("cost_raid"), p("cost_strike")};
        for (int a = 0; a < 4; a++) {
            g_aimed[a] = aimed[a], g[a] = gain[a], cost[a] = costs[a] * legal;
        }
        effect[0] = -p("C_b"), effect[1] = p("V_s") * (1.0 + p("alpha_theta") * theta);
        g_U[0] = cost_U[0] = 0.0, g_U[1] = p("g_probe_U"), g_U[2] = p("g_raid_U");
        cost_U[1] = p("cost_probe_U"), cost_U[2] = p("cost_raid_U");
        void_cost = p("void_weeks") > 0 ? p("void_cost") * p("G") : 0.0;
        lam_R = p("lam_russia"), lam_U = p("lam_ukraine"), lam_C = p("lam_lead"), lam_US = p("lam_us");
        prize = p("prize"), S_R = p("S_R"), loss = p("loss"), aid_E = p("aid_E"), aid_A = p("aid_A"), u_S = p("u_S");
        u_H = p("u_H"), u_honour[0] = -p("cost_reluctant"), u_honour[1] = -p("cost_steadfast");
        double decline = lam_US * -p("rep") * p("G"), sanction = lam_US * (-p("econ") - p("varsigma") * p("rep") * p("G"));
        double top = std::max(decline, sanction);
        log_refuse = top + std::log1p(std::exp(-std::fabs(decline - sanction)));
        share = 1.0 / (1.0 + std::exp(decline - sanction));
        steadier = std::exp(lam_US * (u_honour[0] - u_honour[1]));
        double eps_E = std::exp(-p("coalition_hours") / p("tau_h")), eps_A = std::exp(-p("us_hours") / p("tau_h"));
        H_R = p("H_R") * eps_A;
        for (int kappa = 0; kappa < 2; kappa++)
            for (int f = 0; f < 2; f++)
                for (int h = 0; h < 2; h++) {
                    double u[3] = {-p("face") * (1.0 + p("psi") * theta),
                                   -(p("o_E") * eps_E * f + p("o_A") * eps_A * h),
                                   p(kappa ? "z_committed" : "z_bluffing") - p("e_E") - p("e_A") * h};
                    double best = std::max(u[0], std::max(u[1], u[2])), r[3], total = 0.0;
                    for (int i = 0; i < 3; i++) total += r[i] = std::exp(lam_R * (u[i] - best));
                    for (double &x : r) x /= total;
                    reply_R[kappa][f][h] = r[0] * u[0] + r[1] * u[1] + r[2] * u[2];
                    reply_U[kappa][f][h] = -p("harm_esc") * r[2];
                    reply_C[kappa][f][h] = p("u_D") * r[0] - p("u_O") * (0.5 + 0.5 * f) * r[1] - p("u_E") * r[2];
                    reply_US[kappa][f][h] = p("a_D") * r[0] - p("a_E") * r[2];
                }
    }
    bool triggered(int K, int sigma, bool sustained, bool in_line) const {
        if (trigger == 0 || K == 0) return false;
        if (trigger == 1) return true;
        return sigma == 1 && (trigger == 2 || (sustained && (trigger == 3 || in_line)));
    }
};
