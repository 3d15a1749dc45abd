using Tsunagi.Mail.Delivery;

namespace Tsunagi.Tests.Mail.Delivery;

public sealed class Timer_wheel
{
    private sealed class Item : WheelItem<Item>
    {
        public long Due { get; init; }
    }

    [Fact]
    public void Every_item_comes_out_at_its_tick_whatever_the_distance()
    {
        var random = new Random(11);
        var wheel = new TimerWheel<Item>(1_000_003);
        var now = 1_000_003L;
        var waiting = new HashSet<Item>();
        for (var round = 0; round < 300; round++)
        {
            for (var i = 0; i < 20; i++)
            {
                var item = new Item { Due = now + random.NextInt64(1, 1L << random.Next(1, 24)) };
                wheel.Add(item, item.Due);
                waiting.Add(item);
            }

            if (round % 7 == 0)
            {
                var gone = waiting.First();
                wheel.Remove(gone);
                waiting.Remove(gone);
            }

            now += random.NextInt64(0, 20_000);
            var last = long.MinValue;
            wheel.AdvanceTo(now, item =>
            {
                Assert.True(waiting.Remove(item));
                Assert.InRange(item.Due, last, now);
                last = item.Due;
            });
            Assert.DoesNotContain(waiting, item => item.Due <= now);
            Assert.Equal(waiting.Count, wheel.Count);
        }
    }

    [Fact]
    public void An_item_of_the_past_comes_out_at_the_next_tick()
    {
        var wheel = new TimerWheel<Item>(100);
        wheel.Add(new Item { Due = 5 }, 5);
        var came = 0;
        wheel.AdvanceTo(100, _ => came++);
        Assert.Equal(0, came);
        wheel.AdvanceTo(101, _ => came++);
        Assert.Equal(1, came);
    }
}
