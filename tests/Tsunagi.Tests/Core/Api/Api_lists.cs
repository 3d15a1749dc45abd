using Tsunagi.Core.Api;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Api;

public sealed class Api_lists
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("users", "a@b.example")]
    [InlineData("audit", "42")]
    [InlineData("x", "")]
    [InlineData("x", "日本\nzwei")]
    public void Cursor_is_read_back_for_its_own_list_only(string list, string position)
    {
        var text = Cursor.Write(list, position);
        Assert.True(Cursor.TryRead(list, text, out var read));
        Assert.Equal(position, read);
        Assert.False(Cursor.TryRead(list + "s", text, out _));
    }

    [Fact]
    public void Cursor_with_any_changed_or_missing_character_is_refused()
    {
        var text = Cursor.Write("users", "someone@customer.example");
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var other in "Aa0_-")
            {
                if (text[i] != other)
                {
                    Assert.False(Cursor.TryRead("users", text[..i] + other + text[(i + 1)..], out _), $"{other} at {i}");
                }
            }

            Assert.False(Cursor.TryRead("users", text[..i], out _));
        }

        Assert.False(Cursor.TryRead("users", new string('A', 401), out _));
    }

    [Fact]
    public void Page_has_a_next_only_when_there_is_one()
    {
        var rows = new[] { "a", "b", "c" };
        Assert.Null(Page.Of(rows, 3, "x", row => row).Next);
        var page = Page.Of(rows, 2, "x", row => row);
        Assert.Equal(["a", "b"], page.Items);
        Assert.True(Cursor.TryRead("x", page.Next!, out var position));
        Assert.Equal("b", position);
    }

    [Theory]
    [InlineData("2026-07-01T12:00:00Z", true)]
    [InlineData("2026-07-01T21:00:00+09:00", true)]
    [InlineData("2026-07-01T07:00:00-05:00", true)]
    [InlineData("2026-07-01T12:00:00.000000Z", true)]
    [InlineData("2026-07-01T12:00:00", false)]
    [InlineData("2026-07-01", false)]
    [InlineData("2026-13-01T12:00:00Z", false)]
    [InlineData("1782907200", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Time_needs_its_offset(string? text, bool ok)
    {
        Assert.Equal(ok, MicrosConverter.TryParse(text, out var micros));
        if (ok)
        {
            Assert.Equal("2026-07-01T12:00:00Z", MicrosConverter.Format(micros));
        }
    }

    [Fact]
    public async Task Walk_over_the_pages_finds_every_user_once()
    {
        await using var host = await ApiHost.StartAsync();
        using var client = await host.OperatorAsync();
        for (var i = 0; i < 12; i++)
        {
            Assert.True((await host.Get<UserDirectory>().AddAsync(host.Root, new NewUser($"user{i}@customer.example", $"User {i}", host.Provider.Id), Cancel)).Ok);
        }

        var found = new List<string>();
        var query = "users?limit=5";
        for (var pages = 0; query is not null; pages++)
        {
            Assert.InRange(pages, 0, 3);
            var answer = await client.GetAsync(query);
            found.AddRange(answer.Json!["items"]!.AsArray().Select(user => (string)user!["email"]!));
            query = answer["next"] is { } next ? $"users?limit=5&cursor={next}" : null;
        }

        Assert.Equal(13, found.Count);
        Assert.Equal(found.Distinct(), found);
        Assert.Equal("cursor.unreadable", (await client.GetAsync($"audit?cursor={Cursor.Write("users", "a")}", 400)).Code);
    }
}
