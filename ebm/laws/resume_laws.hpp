// Law 11: what `archive` visits is all of the state.
#pragma once
#include "ebm/laws/estimator_laws.hpp"

namespace ebm::laws {

/// Law 11: chains that stop after a few steps and go on in a new state, which `init` made from other values
/// and `archive` set, make the same steps bit for bit. Information on proposals belongs to it.
Report sampler_resumes(const Energy64& e, const Sampler64& sampler, random::Key key);

/// Law 11 for estimators: the same estimates bit for bit.
Report estimator_resumes(const Energy64& e, const Estimator64& estimator, const Rows<double>& rows,
                         random::Key key);

} // namespace ebm::laws
