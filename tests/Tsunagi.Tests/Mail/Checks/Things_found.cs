using Tsunagi.Mail.Checks;

namespace Tsunagi.Tests.Mail.Checks;

public sealed class Things_found
{
    [Fact]
    public void Many_small_things_do_not_hide_a_large_one()
    {
        List<Evidence> all = [];
        CheckRun.Keep([.. Enumerable.Range(0, 100).Select(static i => Evidence.Of("attachment.mismatch", ("file", $"{i}")))], all, most: 50);
        CheckRun.Keep([Evidence.Of("clamav.virus", ("signature", "A")), Evidence.Of("clamav.virus", ("signature", "B"))], all, most: 50);
        Assert.Equal(51, all.Count);
        Assert.Equal("clamav.virus", all[50].Code);
    }
}
