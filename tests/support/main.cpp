#define BOOST_TEST_MODULE ebm
#include <boost/test/unit_test.hpp>
