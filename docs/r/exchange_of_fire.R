# Redraw one published curve in R, and count its numbers again from the runs (docs/r.md).
#
#   fragile-peace export results/legitimate_targets --to csv --out mine_csv
#   fragile-peace export results/legitimate_targets --to stata --out mine_stata
#   Rscript docs/r/exchange_of_fire.R mine_csv mine_stata exchange_of_fire.png
#
# Needs base R for the curve, and the package haven for what is in Stata's form. Stops with an error where the runs do not
# give the table's numbers.

options(warn = 2)
arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 3) stop("three arguments are needed: the folder of CSV, the folder of .dta, the picture to write")
csv <- arguments[1]; stata <- arguments[2]; picture <- arguments[3]

# -- 1. the table of estimates: both kinds of uncertainty stand beside each number --

book <- read.csv(file.path(csv, "codebook.csv"))
chances <- read.csv(file.path(csv, "estimates_probabilities.csv"))
curve <- subset(chances, outcome == "exchange_of_fire" & type == "mixed")  # "mixed": whatever the true types are
shown <- c("mandate.roe", "threat.level", "estimate", "mc_low", "mc_high", "param_low", "param_high", "plain", "n_runs")
print(curve[shown], row.names = FALSE, digits = 3)

# -- 2. the curve: a panel for each rule of engagement, a dark band of Monte Carlo error, a light one of the unknowns --

band <- function(x, low, high, colour) polygon(c(x, rev(x)), c(low, rev(high)), col = colour, border = NA)
png(picture, width = 1800, height = 840, res = 200, type = "cairo")
rules <- unique(curve$mandate.roe)
par(mfrow = c(1, length(rules)), mar = c(4.2, 3.6, 2.6, 0.8), oma = c(2.2, 0.6, 2.8, 0), las = 1, cex.axis = 0.95)
for (rule in rules) {
  one <- subset(curve, mandate.roe == rule)
  one <- one[order(one$threat.level), ]
  plot(NA, xlim = range(one$threat.level), ylim = c(0, 1), xlab = "", ylab = "", yaxt = "n", bty = "l")
  axis(2, at = c(0, 0.5, 1), labels = c("0", "50%", "100%"))
  band(one$threat.level, one$param_low, one$param_high, "#cce6de")
  band(one$threat.level, one$mc_low, one$mc_high, "#00805Eb0")
  lines(one$threat.level, one$estimate, col = "#00805E", lwd = 1)
  points(one$threat.level, one$estimate, col = "#00805E", pch = 19, cex = 0.8)
  title(gsub("_", "-", rule), line = 0.8)
  title(xlab = "threat level", line = 2.4)
}
mtext(paste0(curve$title[1], ", by rules of engagement"), outer = TRUE, line = 0.9, font = 2)
mtext("Dark, hardly wider than the line: Monte Carlo error, 95%. Light: parameter uncertainty, 90%. An exploratory model, not a forecast.",
      side = 1, outer = TRUE, line = 0.6, cex = 0.62)
invisible(dev.off())

# -- 3. the same numbers from the runs, as Stata would read them --

if (!requireNamespace("haven", quietly = TRUE)) stop("the package haven is needed: install.packages(\"haven\")")
label <- function(column) attr(column, "label", exact = TRUE)
runs <- haven::read_dta(file.path(stata, "runs.dta"), col_select = c("point", "end_cause", "happened_exchange_of_fire"))
points <- haven::read_dta(file.path(stata, "points.dta"))
cat("\nend_cause:", label(runs$end_cause), "\n")
print(table(haven::as_factor(runs$end_cause)))  # codes by their names

runs$happened <- as.numeric(runs$happened_exchange_of_fire)
joined <- merge(runs[c("point", "happened")], points[c("point", "threat_level", "mandate_roe")], by = "point")
joined$mandate.roe <- as.character(haven::as_factor(joined$mandate_roe))
counted <- aggregate(happened ~ threat_level + mandate.roe, joined, mean)
both <- merge(counted, curve, by.x = c("threat_level", "mandate.roe"), by.y = c("threat.level", "mandate.roe"))
largest <- max(abs(both$happened - both$plain))
cat(sprintf("\n%d settings counted from %s runs; largest difference from the table: %.1e\n",
            nrow(both), format(nrow(runs), big.mark = ","), largest))
stopifnot(nrow(both) == nrow(curve), largest < 1e-8, all(shown %in% book$column))
