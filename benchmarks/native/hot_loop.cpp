// Lays out and solves the incident games of recorded weeks, times itself, and writes the solutions.
//   hot_loop PARAMETERS WEEKS SOLUTIONS REPEATS
// prints the CPU seconds of each repeat. One repeat goes through all weeks in their order; a run starts from uniform
// play, and every week from the solution of the week before, as in the engine.
#include "games.hpp"
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>

#ifndef WIDTH
#define WIDTH 8
#endif
using Block = Games<WIDTH>;

static double cpu_seconds() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

static void play(const World &world, const std::vector<Week> &weeks, Block *blocks, int count, FILE *solutions) {
    for (const Week &week : weeks)
        for (int k = 0; k < count; k++) {
            Block &games = blocks[k];
            if (week.starts != 0.0) games.set_rules(world, WIDTH * k), games.set_uniform();
            games.set_games(world, week, WIDTH * k);
            if (games.solve(world) < 0) std::fprintf(stderr, "a game was not solved\n"), std::exit(1);
            if (solutions) games.complete(world);
            for (int j = 0; solutions && j < WIDTH && WIDTH * k + j < world.places; j++) {
                std::vector<double> row;
                for (auto &kappa : games.p_R)
                    for (auto &p : kappa) row.push_back(p[j]);
                for (auto &p : games.p_U) row.push_back(p[j]);
                row.push_back(games.committed(games.like[0][0], games.like[1][0])[j]), row.push_back(games.mu);
                for (int o = 2; o < 8; o++) row.push_back(games.q[o][j]);
                for (auto &response : games.response)
                    for (int o = 2; o < 8; o++) row.push_back(response[o][j]);
                for (int tau = 0; tau < 2; tau++)
                    for (int f = 0; f < 2; f++)
                        for (int o = 2; o < 8; o++)
                            for (int choice = 0; choice < 3; choice++) {
                                double asked = f && !games.may_fire[o] ? 0.0 : games.invoked[o][j];
                                row.push_back(asked * games.decides(world, tau, f, choice, o)[j]);
                            }
                std::fwrite(row.data(), sizeof(double), row.size(), solutions);
            }
        }
}

int main(int, char **arguments) {
    World world(arguments[1]);
    std::ifstream in(arguments[2], std::ios::binary | std::ios::ate);
    std::vector<Week> weeks(in.tellg() / sizeof(Week));
    in.seekg(0);
    in.read(reinterpret_cast<char *>(weeks.data()), weeks.size() * sizeof(Week));
    int count = (world.places + WIDTH - 1) / WIDTH;
    Block *blocks = new (std::align_val_t(128)) Block[count]();
    FILE *solutions = std::fopen(arguments[3], "wb");
    play(world, weeks, blocks, count, solutions);
    std::fclose(solutions);
    for (int repeat = 0; repeat < std::atoi(arguments[4]); repeat++) {
        double start = cpu_seconds();
        play(world, weeks, blocks, count, nullptr);
        std::printf("%.9f\n", cpu_seconds() - start);
    }
}
