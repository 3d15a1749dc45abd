using System.Text;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Secrets;

public sealed class Secret_box : IAsyncLifetime
{
    private static readonly byte[] Plain = "the secret"u8.ToArray();
    private readonly ManualTime _time = new();
    private TestStores _stores = null!;
    private MasterKeys _masters = null!;
    private SecretBox _box = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File => SecretsSetup.DefaultMasterFile(_stores.Directory);

    public async ValueTask InitializeAsync()
    {
        _stores = await TestStores.OpenAsync(SecretBox.Schema);
        (_masters, _box) = await OpenAsync();
    }

    public ValueTask DisposeAsync() => _stores.DisposeAsync();

    [Fact]
    public async Task What_is_protected_comes_back_also_after_a_restart()
    {
        var box = await _box.ProtectAsync("t_p/t_a/", "identity.totp", Plain, Cancel);
        Assert.Equal(Plain, await _box.UnprotectAsync("t_p/t_a/", "identity.totp", box, Cancel));
        var (_, again) = await OpenAsync();
        Assert.Equal(Plain, await again.UnprotectAsync("t_p/t_a/", "identity.totp", box, Cancel));
        Assert.NotEqual(box, await _box.ProtectAsync("t_p/t_a/", "identity.totp", Plain, Cancel));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task It_opens_for_no_other_tenant_and_no_other_purpose_but_for_a_tenant_that_moved()
    {
        var box = await _box.ProtectAsync("t_p/t_a/", "identity.totp", Plain, Cancel);
        Assert.Null(await _box.UnprotectAsync("t_p/t_b/", "identity.totp", box, Cancel));
        Assert.Null(await _box.UnprotectAsync("t_p/", "identity.totp", box, Cancel));
        Assert.Null(await _box.UnprotectAsync("t_p/t_a/", "mail.evidence", box, Cancel));
        Assert.Equal(Plain, await _box.UnprotectAsync("t_p/t_r/t_a/", "identity.totp", box, Cancel));
    }

    [Fact]
    public async Task Any_changed_byte_and_any_cut_closes_it()
    {
        var box = await _box.ProtectAsync("t_a/", "p", Plain, Cancel);
        for (var i = 0; i < box.Length; i++)
        {
            var changed = box.ToArray();
            changed[i] ^= 1;
            Assert.Null(await _box.UnprotectAsync("t_a/", "p", changed, Cancel));
            Assert.Null(await _box.UnprotectAsync("t_a/", "p", box.AsMemory(0, i), Cancel));
        }
    }

    [Fact]
    public async Task Destroyed_key_erases_everything_under_it_here_and_on_other_nodes_and_nothing_else()
    {
        var (_, other) = await OpenAsync();
        var box = await _box.ProtectAsync("t_a/", "p", Plain, Cancel);
        var kept = await _box.ProtectAsync("t_b/", "p", Plain, Cancel);
        Assert.Equal(Plain, await other.UnprotectAsync("t_a/", "p", box, Cancel));
        Assert.True(await _box.DestroyAsync("t_a/", "p", Cancel));
        Assert.False(await _box.DestroyAsync("t_a/", "p", Cancel));
        Assert.Null(await _box.UnprotectAsync("t_a/", "p", box, Cancel));
        Assert.Equal(Plain, await _box.UnprotectAsync("t_b/", "p", kept, Cancel));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await other.UnprotectAsync("t_a/", "p", box, Cancel));
        var fresh = await other.ProtectAsync("t_a/", "p", Plain, Cancel);
        Assert.Equal(Plain, await _box.UnprotectAsync("t_a/", "p", fresh, Cancel));
        var left = await _stores.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<byte[]>("SELECT wrapped FROM data_key WHERE destroyed_at IS NOT NULL"), Cancel);
        Assert.All(left!, b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task Rotation_wraps_every_data_key_again_and_the_old_master_key_is_gone()
    {
        var boxes = new List<(string Tenant, byte[] Box)>();
        for (var i = 0; i < 250; i++)
        {
            boxes.Add(($"t_{i}/", await _box.ProtectAsync($"t_{i}/", "p", Encoding.ASCII.GetBytes($"secret {i}"), Cancel)));
        }

        var old = _masters.ActiveId;
        Assert.Equal(251, await _box.RotateMasterAsync(Cancel));
        Assert.False(_masters.Has(old));
        Assert.DoesNotContain(old, await System.IO.File.ReadAllTextAsync(File, Cancel), StringComparison.Ordinal);
        var (_, again) = await OpenAsync();
        foreach (var (index, (tenant, box)) in boxes.Index())
        {
            Assert.Equal($"secret {index}", Encoding.ASCII.GetString((await again.UnprotectAsync(tenant, "p", box, Cancel))!));
        }
    }

    [Fact]
    public async Task Rotation_that_was_cut_off_is_finished_by_the_next_one()
    {
        var box = await _box.ProtectAsync("t_a/", "p", Plain, Cancel);
        _masters.AddActive();
        var (masters, again) = await OpenAsync();
        Assert.Equal(Plain, await again.UnprotectAsync("t_a/", "p", box, Cancel));
        await again.RotateMasterAsync(Cancel);
        Assert.Equal(Plain, await again.UnprotectAsync("t_a/", "p", box, Cancel));
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(await System.IO.File.ReadAllTextAsync(File, Cancel), "mk_"));
        Assert.True(masters.Has(masters.ActiveId));
    }

    [Fact]
    public async Task Start_with_another_master_key_file_stops_and_says_what_to_do()
    {
        await _box.ProtectAsync("t_a/", "p", Plain, Cancel);
        System.IO.File.Delete(File);
        Assert.Contains("copy the file from another node", (await Assert.ThrowsAsync<SecretsException>(() => OpenAsync())).Message, StringComparison.Ordinal);
        Assert.Contains("put that file back", (await Assert.ThrowsAsync<SecretsException>(() => OpenAsync())).Message, StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(File, "{ damaged", Cancel);
        Assert.Contains(File, (await Assert.ThrowsAsync<SecretsException>(() => OpenAsync())).Message, StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(File, """{"keys":[{"id":"mk_1","key":"AAAA","created":"2026-01-01T00:00:00Z"}]}""", Cancel);
        await Assert.ThrowsAsync<SecretsException>(() => OpenAsync());
    }

    [Fact]
    public async Task First_use_of_a_purpose_by_many_at_once_makes_one_key()
    {
        var (_, other) = await OpenAsync();
        var boxes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => (i % 2 == 0 ? _box : other).ProtectAsync("t_a/", "p", Plain, Cancel).AsTask(), Cancel)));
        await Assert.AllAsync(boxes, async box => Assert.Equal(Plain, await _box.UnprotectAsync("t_a/", "p", box, Cancel)));
        Assert.Equal(1, await _stores.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM data_key WHERE purpose = 'p'"), Cancel));
    }

    [Fact]
    public async Task Form_of_one_node_is_taken_by_another_and_by_no_other_form()
    {
        var (_, other) = await OpenAsync();
        var here = new FormProtection(_box.FormKey).CreateProtector("antiforgery").CreateProtector("v1");
        var there = new FormProtection(other.FormKey).CreateProtector("antiforgery").CreateProtector("v1");
        var box = here.Protect(Plain);
        Assert.Equal(Plain, there.Unprotect(box));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => there.CreateProtector("x").Unprotect(box));
        box[^1] ^= 1;
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => there.Unprotect(box));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => there.Unprotect([1, 2, 3]));
    }

    [Fact]
    public async Task Second_node_with_keys_of_its_own_stops_at_its_start_not_at_the_first_sign_in()
    {
        var masters = MasterKeys.Open(Path.Combine(_stores.Directory, "other-node", "master.json"), _time);
        await Assert.ThrowsAsync<SecretsException>(() => SecretBox.OpenAsync(_stores.Stores, masters, _time, Cancel).AsTask());
    }

    private async Task<(MasterKeys Masters, SecretBox Box)> OpenAsync()
    {
        var masters = MasterKeys.Open(File, _time);
        return (masters, await SecretBox.OpenAsync(_stores.Stores, masters, _time, Cancel));
    }
}
