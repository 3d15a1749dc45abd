using Tsunagi.Connectivity.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Radius;

public class Requests_that_come_again
{
    private static readonly RadiusSource Source = new(1, 1);

    private readonly ManualTime _time = new();
    private readonly byte[] _answer = new byte[4_096];

    [Fact]
    public void Are_in_work_for_as_long_as_others_may_be_asked_and_answered_the_same_a_while_after()
    {
        var cache = new DuplicateCache(_time, TimeSpan.FromSeconds(10), 200_000, TimeSpan.FromSeconds(30));
        Assert.Equal(DuplicateState.New, Begin(cache));
        for (var turn = 0; turn < 5; turn++)
        {
            // Every shard turns its generations.
            _time.Advance(TimeSpan.FromSeconds(7));
            for (var other = 2; other < 200; other++)
            {
                Begin(cache, other);
            }
        }

        Assert.Equal(DuplicateState.InWork, Begin(cache));
        cache.Keep(Source, 7, Authenticator(1), [1, 2, 3]);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(DuplicateState.Answered, Begin(cache));
        Assert.Equal([1, 2, 3], _answer[..3]);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(DuplicateState.New, Begin(cache));

        // One that nobody ended is not in work for ever.
        _time.Advance(TimeSpan.FromSeconds(41));
        Assert.Equal(DuplicateState.New, Begin(cache));
    }

    private static byte[] Authenticator(byte first) => [first, .. new byte[15]];

    private DuplicateState Begin(DuplicateCache cache, int source = 1) => cache.Begin(new RadiusSource((UInt128)source, 1), 7, Authenticator(1), _answer, out _);
}
