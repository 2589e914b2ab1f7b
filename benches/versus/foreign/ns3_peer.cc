// The workloads on ns-3 with its fastest scheduler. Given the words of a case, prints the line of a result:
// RESULT nanoseconds sum now. Tables and workloads are those of benches/versus/src/lib.rs.
//
// Build, from benches/versus (Debian and Ubuntu: packages libns3-dev and g++):
//   mkdir -p target && g++ -O3 -flto -DNDEBUG -std=c++17 foreign/ns3_peer.cc -o target/ns3_peer \
//     -DNS3_VERSION_TEXT='"3.37"' $(pkg-config --cflags --libs ns3-core || echo -lns3-core)
#include "ns3/core-module.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <unistd.h>
#include <vector>

#ifndef NS3_VERSION_TEXT
#define NS3_VERSION_TEXT "version unknown"
#endif

using namespace ns3;
using Clock = std::chrono::steady_clock;

static const size_t ENTRIES = 65536, MASK = ENTRIES - 1;
static uint64_t state;
static uint64_t delays[ENTRIES];
static uint32_t picks[ENTRIES];
static size_t position, pickPosition, size;
static uint64_t warmUp, last, events, sum;
static Clock::time_point began;
static std::vector<EventId> ids;

static uint64_t Next()
{
    state += 0x9E3779B97F4A7C15ULL;
    uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31);
}

static double Fraction()
{
    return (double)(Next() >> 11) / 9007199254740992.0;
}

static double Draw(const std::string& distribution)
{
    if (distribution == "exp")
        return -std::log(1.0 - Fraction()) * 1e9;
    if (distribution == "bim")
    {
        double which = Fraction(), howLong = Fraction();
        return which < 0.9 ? howLong * 0.2e9 : howLong * 18.2e9;
    }
    if (distribution == "const")
        return 1e9;
    if (distribution == "tick")
        return (std::floor(-std::log(1.0 - Fraction()) * 1e3) + 1.0) * 1e6;
    if (distribution == "timeout")
        return 0.5e9 + Fraction() * 1e9;
    std::fprintf(stderr, "unknown distribution\n");
    std::exit(1);
}

static void Count(uint64_t value)
{
    sum += value;
    events += 1;
    if (events == warmUp)
        began = Clock::now();
    if (events == last)
    {
        auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - began).count();
        std::printf("RESULT %lld %llu %lld\n", (long long)took, (unsigned long long)sum,
                    (long long)Simulator::Now().GetNanoSeconds());
        std::fflush(stdout);
        _exit(0); // taking everything apart is not measured
    }
}

static Time Delay()
{
    return NanoSeconds(delays[position++ & MASK]);
}

static void Fire(uint64_t timer)
{
    Simulator::Schedule(Delay(), &Fire, timer);
    Count(timer);
}

static void FireAndChurn(uint64_t timer)
{
    ids[timer] = Simulator::Schedule(Delay(), &FireAndChurn, timer);
    for (int i = 0; i < 9; i++)
    {
        uint64_t other = picks[pickPosition++ & MASK];
        ids[other].Cancel();
        ids[other] = Simulator::Schedule(Delay(), &FireAndChurn, other);
    }
    Count(timer);
}

struct Actor : public SimpleRefCount<Actor>
{
    uint64_t total = 0;
    void Receive(uint64_t value);
};

static std::vector<Ptr<Actor>> actors;

void Actor::Receive(uint64_t value)
{
    total += value;
    size_t index = position++ & MASK;
    uint32_t to = picks[index];
    Simulator::ScheduleWithContext(to, NanoSeconds(delays[index]), &Actor::Receive, actors[to], value + 1);
    Count(value);
}

struct Subscriber
{
    uint64_t total = 0;
    void Told(uint64_t value)
    {
        total += value;
        Count(value);
    }
};

static std::vector<Subscriber> subscribers;

// An event for each delivery, as everybody. ns-3's TracedCallback, a plain loop of calls, is several times faster.
static void Change(uint64_t value)
{
    for (auto& subscriber : subscribers)
        Simulator::ScheduleNow(&Subscriber::Told, &subscriber, value);
    Simulator::Schedule(Seconds(1), &Change, value + 1);
}

static void Tied(uint64_t number)
{
    Count(number);
}

static void Source()
{
    for (uint64_t number = 0; number < size; number++)
        Simulator::Schedule(Seconds(1), &Tied, number);
    Simulator::Schedule(Seconds(2), &Source);
}

static void Start(const std::string& workload)
{
    if (workload == "hold")
        for (uint64_t timer = 0; timer < size; timer++)
            Simulator::Schedule(Delay(), &Fire, timer);
    else if (workload == "churn")
        for (uint64_t timer = 0; timer < size; timer++)
            ids.push_back(Simulator::Schedule(Delay(), &FireAndChurn, timer));
    else if (workload == "actors")
    {
        for (size_t actor = 0; actor < size; actor++)
            actors.push_back(Create<Actor>());
        for (size_t actor = 0; actor < size; actor++)
            Simulator::ScheduleWithContext(actor, Delay(), &Actor::Receive, actors[actor], (uint64_t)1);
    }
    else if (workload == "fan-out")
    {
        subscribers.resize(size);
        Simulator::Schedule(Seconds(1), &Change, (uint64_t)0);
    }
    else if (workload == "burst")
        Simulator::Schedule(Seconds(1), &Source);
}

int main(int argc, char** argv)
{
    if (argc == 2 && std::strcmp(argv[1], "--version") == 0)
    {
        std::puts(NS3_VERSION_TEXT);
        return 0;
    }
    if (argc != 6)
    {
        std::fprintf(stderr, "expected: workload distribution size warm-up events\n");
        return 1;
    }
    size = std::stoull(argv[3]);
    warmUp = std::stoull(argv[4]);
    last = warmUp + std::stoull(argv[5]);
    state = 0x1234;
    for (auto& delay : delays)
        delay = std::max<uint64_t>((uint64_t)Draw(argv[2]), 1);
    state = 0x777;
    for (auto& pick : picks)
        pick = Next() % size;
    ObjectFactory factory;
    factory.SetTypeId("ns3::PriorityQueueScheduler");
    Simulator::SetScheduler(factory);
    began = Clock::now();
    Start(argv[1]);
    Simulator::Run();
    return 1; // the workload ran dry
}
