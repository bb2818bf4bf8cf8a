#pragma once
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>
