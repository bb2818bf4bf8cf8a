// Laws 9 and 10: what every gradient estimator must satisfy.
#pragma once
#include <functional>

#include "ebm/concepts/estimator.hpp"
#include "ebm/laws/sampler_laws.hpp"

namespace ebm::laws {

using Estimator64 = AnyEstimator<double>;

/// Law 9a: the estimate of a deterministic estimator is the central difference of −mean log p of the rows.
Report estimate_is_difference(const Energy64& e, const Estimator64& estimator, const Rows<double>& rows,
                              random::Key key);

/// Law 9b: the mean of `repeats` independent estimates is `expected`, within 4.5 standard errors in every
/// parameter. Over a whole registry chance alone passes that bound now and then: what is off is looked at
/// once more, with other random numbers and four times the repeats, where a true deviation stands out twice
/// as far and chance must happen twice. Each repeat starts anew with `rows(repeat)`: the rows that chains
/// start at and the rows of the batch.
struct RowPair {
  Batch<double> start, batch;
};
Report mean_estimate(const Energy64& e, const Estimator64& estimator,
                     const std::function<RowPair(std::uint64_t)>& rows, const Parameters<double>& expected,
                     std::size_t repeats, random::Key key);

/// Law 9c: in several estimates from one state no counter of the random numbers is used twice.
Report no_counter_twice(const Energy64& e, const Estimator64& estimator, const Rows<double>& rows,
                        random::Key key);

/// Law 10: the same bits on 1, 2 and 4 threads. `rows` must fill several work items.
Report threads_change_nothing(const Energy64& e, const Estimator64& estimator, const Rows<double>& rows,
                              random::Key key);

/// Law 10: for a deterministic estimator, half the rows and the other half give the whole.
Report halves_give_the_whole(const Energy64& e, const Estimator64& estimator, const Rows<double>& rows,
                             random::Key key);

/// Rows of the visible blocks of a state, side by side.
Batch<double> visible_rows(const StateSpace& space, const State<double>& x);

} // namespace ebm::laws
