using Tsunagi.Mail.Delivery;

namespace Tsunagi.Tests.Mail.Delivery;

public sealed class Retry_schedule
{
    private static readonly RetrySchedule Schedule = new(TimeSpan.FromMinutes(5), TimeSpan.FromHours(4));

    [Fact]
    public void Waits_double_from_five_minutes_to_four_hours_and_spread_by_a_tenth()
    {
        foreach (var (attempts, minutes) in new[] { (1, 5), (2, 10), (3, 20), (6, 160), (7, 240), (50, 240) })
        {
            var waits = Enumerable.Range(0, 200).Select(seed => Schedule.WaitAfter(attempts, (uint)seed).TotalMinutes).ToList();
            Assert.All(waits, wait => Assert.InRange(wait, minutes * 0.9, minutes * 1.1));
            Assert.True(waits.Max() - waits.Min() > minutes * 0.15, "the waits are not spread");
        }
    }

    [Fact]
    public void The_same_message_waits_the_same_after_a_restart() => Assert.Equal(Schedule.WaitAfter(3, 99), Schedule.WaitAfter(3, 99));
}
