using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Quarantine;

public sealed class Quarantine_under_crashes
{
    [Fact]
    public async Task No_held_message_is_lost_or_held_twice_and_no_released_one_is_delivered_twice_in_any_of_these_lives()
    {
        var (acknowledged, released) = (0, 0);
        for (var seed = 1; seed <= 6; seed++)
        {
            using var directory = new TemporaryDirectory();
            await using var life = await QuarantineCrashLife.RunAsync(seed, directory.Path);
            Assert.True(life.Broken is null, life.Broken);
            acknowledged += life.Acknowledged;
            released += life.Released;
        }

        Assert.True(acknowledged > 50 && released > 30, $"{acknowledged} messages and {released} releases: the lives prove little");
    }
}
