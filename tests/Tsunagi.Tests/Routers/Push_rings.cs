using Tsunagi.Routers.Push;

namespace Tsunagi.Tests.Routers;

public sealed class Push_rings
{
    [Theory]
    [InlineData("1,20%,100%", 100, 0, "1,19,80")]
    [InlineData("1,20%,100%", 1, 0, "1")]
    [InlineData("1,20%,100%", 3, 0, "1,2")]
    [InlineData("1,2", 10, 0, "1,2,7")]
    [InlineData("1,100%", 10, 4, "4,6")]
    [InlineData("50%,50%,100%", 4, 0, "2,2")]
    public void Hold_every_box_once(string text, int boxes, int first, string sizes)
    {
        Assert.True(PushRings.TryDivide(text, boxes, first, out IReadOnlyList<int> found));
        Assert.Equal(sizes, string.Join(',', found));
        Assert.Equal(boxes, found.Sum());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("101%")]
    [InlineData("1,,2")]
    [InlineData("-1")]
    [InlineData("a")]
    [InlineData("1,1,1,1,1,1,1,1,1,1,1")]
    public void Are_none_where_the_text_is_none(string text) => Assert.False(PushRings.TryDivide(text, 100, 0, out _));

    [Theory]
    [InlineData(1, 5, 0)]
    [InlineData(19, 5, 0)]
    [InlineData(20, 5, 1)]
    [InlineData(20, 0, 0)]
    [InlineData(20, 100, 20)]
    public void Allow_whole_failures_only(int size, int budget, int allowed) => Assert.Equal(allowed, PushRings.Allowed(size, budget));
}
