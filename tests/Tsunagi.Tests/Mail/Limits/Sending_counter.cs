using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Mail.Limits;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Limits;

public sealed class Sending_counter
{
    private const long Hour = 3_600_000_000;
    private const long Day = 24 * Hour;
    private const long Start = 20_000 * Day;

    [Fact]
    public void An_hour_and_a_day_slide()
    {
        var counter = new SendingCounter();
        counter.Add(Start, 10, 40);
        Assert.Equal(new SentLately(10, 10, 40, 40), counter.Lately(Start + Hour - 1));

        // Half of the clock hour before is not over yet.
        Assert.Equal(new SentLately(5, 10, 20, 40), counter.Lately(Start + Hour + (Hour / 2)));
        Assert.Equal(new SentLately(0, 10, 0, 40), counter.Lately(Start + (2 * Hour)));
        Assert.Equal(new SentLately(0, 5, 0, 20), counter.Lately(Start + Day + (Hour / 2)));
        Assert.Equal(default, counter.Lately(Start + Day + Hour));
    }

    [Fact]
    public void What_came_to_nothing_is_taken_back_and_makes_no_history()
    {
        var counter = new SendingCounter();
        for (var day = 0; day < 4; day++)
        {
            counter.Add(Start + (day * Day), 1, 500);
            counter.Add(Start + (day * Day), 0, -498);
        }

        Assert.Equal(2, counter.Lately(Start + (3 * Day)).RecipientsPastHour);
        Assert.Equal(2, counter.UsualPerHour(Start + (3 * Day)));
        counter.Add(Start + (3 * Day), -5, -50);
        Assert.Equal(0, counter.Lately(Start + (3 * Day)).RecipientsPastHour);
    }

    [Fact]
    public void The_busiest_hour_of_28_days_before_today_is_what_is_usual_once_it_sent_on_three_days()
    {
        var counter = new SendingCounter();
        counter.Add(Start, 1, 30);
        counter.Add(Start + Day, 1, 7);
        counter.Add(Start + (2 * Day), 1, 9);
        Assert.Null(counter.UsualPerHour(Start + (2 * Day)));
        Assert.Equal(30, counter.UsualPerHour(Start + (3 * Day)));
        counter.Add(Start + (3 * Day), 1, 900);
        counter.Add(Start + (3 * Day) + Hour, 1, 1);

        // Today is no history: an attack must not make itself usual.
        Assert.Equal(30, counter.UsualPerHour(Start + (3 * Day) + (2 * Hour)));
        Assert.Equal(900, counter.UsualPerHour(Start + (27 * Day)));
        Assert.Equal(900, counter.UsualPerHour(Start + (28 * Day)));
        Assert.Null(counter.UsualPerHour(Start + (31 * Day)));
    }

    [Fact]
    public void A_clock_that_goes_back_gives_nobody_a_new_hour()
    {
        var counter = new SendingCounter();
        counter.Add(Start + (5 * Hour), 3, 3);
        counter.Add(Start, 3, 3);
        Assert.Equal(6, counter.Lately(Start).MessagesPastHour);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        Properties.Holds(Gen.ArrayOf(Gen.Choose(0, 100_000)), gaps =>
        {
            var (counter, at) = (new SendingCounter(), Start);
            foreach (var gap in gaps)
            {
                at += gap * Hour / 400;
                counter.Add(at, (gap & 7) + 1, (gap & 63) + 1);
            }

            var read = SendingCounter.Read(counter.Write())!;
            Assert.Equal(counter.Write(), read.Write());
            Assert.Equal(counter.Lately(at), read.Lately(at));
            Assert.Equal(counter.UsualPerHour(at + Day), read.UsualPerHour(at + Day));
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("1;5;1;1")]
    [InlineData("2;5;1;1;1")]
    [InlineData("1;x;1;1;1")]
    [InlineData("1;5;-1;1;1")]
    [InlineData("1;5;99999999999;1;1")]
    [InlineData("1;5;1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1;1;1")]
    public void What_is_none_of_ours_is_not_read(string text) => Assert.Null(SendingCounter.Read(text));

    [Fact]
    public void Nodes_are_summed()
    {
        var (here, there, sum) = (new SendingCounter(), new SendingCounter(), new SendingCounter());
        foreach (var day in (int[])[0, 1, 2])
        {
            here.Add(Start + (day * Day), 1, 10);
            there.Add(Start + (day * Day), 2, 20);
        }

        sum.Merge(there, Start + (2 * Day));
        here.Elsewhere(sum);
        Assert.Equal(new SentLately(3, 6, 30, 60), here.Lately(Start + (2 * Day)));
        Assert.Equal(30, here.UsualPerHour(Start + (3 * Day)));
    }
}
