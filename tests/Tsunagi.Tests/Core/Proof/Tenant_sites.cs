using Tsunagi.Core.Outcomes;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Proof;

public sealed class Tenant_sites
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Site_is_added_changed_on_its_version_and_removed()
    {
        await using var provider = await TestProvider.OpenAsync();
        var site = TestProvider.Value(await provider.Sites.AddAsync(provider.Operator, provider.Root.Id, "Tokyo", null, 35.68, 139.77, Cancel));
        TestProvider.Value(await provider.Sites.ChangeAsync(provider.Operator, site.Id, "Osaka", "Kita-ku", 34.70, 135.50, 1, Cancel));
        Assert.Equal(RefusalKind.PreconditionFailed, (await provider.Sites.ChangeAsync(provider.Operator, site.Id, "Kyoto", null, null, null, 1, Cancel)).Refusal?.Kind);
        Assert.Equal("Osaka", (await provider.Sites.FindAsync(provider.Operator, site.Id, Cancel))!.Name);
        TestProvider.Value(await provider.Sites.RemoveAsync(provider.Operator, site.Id, Cancel));
        Assert.Empty(await provider.Sites.ListAsync(provider.Operator, "", 10, null, Cancel));
    }

    [Theory]
    [InlineData("", null, null, "name")]
    [InlineData("x", 90.1, 0.0, "latitude")]
    [InlineData("x", 0.0, 180.1, "latitude")]
    [InlineData("x", 1.0, null, "latitude")]
    [InlineData("x", double.NaN, 1.0, "latitude")]
    [InlineData("x", 90.0, -180.0, null)]
    public async Task Site_is_a_place_on_earth(string name, double? latitude, double? longitude, string? wrong)
    {
        await using var provider = await TestProvider.OpenAsync();
        Assert.Equal(wrong, (await provider.Sites.AddAsync(provider.Operator, provider.Root.Id, name, null, latitude, longitude, Cancel)).Refusal?.Field);
    }
}
