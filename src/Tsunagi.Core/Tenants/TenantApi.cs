using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Usage;

namespace Tsunagi.Core.Tenants;

/// <summary>/api/v1/tenants: the tree of parties, their contacts, and what their bill would be.</summary>
public static class TenantApi
{
    private const string Read = "core.tenant.read";
    private const string Write = "core.tenant.write";

    public static void Map(RouteGroupBuilder api)
    {
        var tenants = api.MapGroup("/tenants").WithTags("Tenants");
        tenants.MapGet("/", ListAsync).Requires(Read).WithName("listTenants").WithSummary("The tenants the caller may see, in tree order");
        tenants.MapPost("/", AddAsync).Requires(Write).WithName("addTenant").WithSummary("Add a tenant below another");
        tenants.MapGet("/{tenant}", FindAsync).Requires(Read).WithName("getTenant").WithSummary("One tenant");
        tenants.MapPatch("/{tenant}", ChangeAsync).Requires(Write).WithName("changeTenant").WithSummary("Change a tenant; what is left out stays");
        tenants.MapGet("/{tenant}/contacts", ContactsAsync).Requires(Read).WithName("listContacts").WithSummary("The tenant's contacts");
        tenants.MapPost("/{tenant}/contacts", AddContactAsync).Requires(Write).WithName("addContact").WithSummary("Add a contact");
        var contacts = api.MapGroup("/contacts").WithTags("Tenants");
        contacts.MapGet("/{contact}", FindContactAsync).Requires(Read).WithName("getContact").WithSummary("One contact");
        contacts.MapPut("/{contact}", ChangeContactAsync).Requires(Write).WithName("changeContact").WithSummary("Replace a contact's fields");
        contacts.MapDelete("/{contact}", RemoveContactAsync).Requires(Write).WithName("removeContact").WithSummary("Remove a contact; the audit keeps who it was");
        tenants.MapGet("/{tenant}/invoice-preview", PreviewAsync).Requires("core.usage.read").WithName("previewInvoice")
            .WithSummary("What the bill of a month would be if it were written now");
    }

    private static async Task<ApiResult<Page<Tenant>>> ListAsync(
        HttpContext http, TenantDirectory directory, [AsParameters] PageRequest page, string? kind, string? name, CancellationToken cancellationToken)
    {
        if (page.After("tenants", "", out var after) is { } refusal)
        {
            return refusal;
        }

        var rows = await directory.ListAsync(http.GetCaller(), after, page.Size + 1, kind, name, cancellationToken);
        return Page.Of(rows, page.Size, "tenants", static t => t.TenantPath);
    }

    private static async Task<ApiCreated<Tenant>> AddAsync(HttpContext http, TenantDirectory directory, NewTenant wanted, CancellationToken cancellationToken) =>
        ApiResult.Created(
            await directory.AddAsync(http.GetCaller(), wanted, cancellationToken), static t => $"{ApiSetup.Prefix}/tenants/{t.Id}", static t => t.Version);

    private static async Task<ApiResult<Tenant>> FindAsync(HttpContext http, TenantDirectory directory, string tenant, CancellationToken cancellationToken) =>
        ApiResult.Found(await directory.FindAsync(http.GetCaller(), tenant, cancellationToken), "tenant", tenant, static t => t.Version);

    private static async Task<ApiResult<Tenant>> ChangeAsync(
        HttpContext http, TenantDirectory directory, string tenant, TenantChange change, IfMatch ifMatch, CancellationToken cancellationToken) =>
        ApiResult.From(await directory.ChangeAsync(http.GetCaller(), tenant, change, ifMatch.Version, cancellationToken), static t => t.Version);

    private static async Task<ApiResult<Page<Contact>>> ContactsAsync(HttpContext http, TenantDirectory directory, string tenant, CancellationToken cancellationToken) =>
        await directory.FindAsync(http.GetCaller(), tenant, cancellationToken) is null
            ? Refusal.NotFound("tenant", tenant)
            : new Page<Contact>(await directory.ContactsAsync(http.GetCaller(), tenant, cancellationToken), null);

    private static async Task<ApiCreated<Contact>> AddContactAsync(
        HttpContext http, TenantDirectory directory, string tenant, NewContact wanted, CancellationToken cancellationToken) =>
        ApiResult.Created(
            await directory.AddContactAsync(http.GetCaller(), tenant, wanted, cancellationToken), static c => $"{ApiSetup.Prefix}/contacts/{c.Id}", static c => c.Version);

    private static async Task<ApiResult<Contact>> FindContactAsync(HttpContext http, TenantDirectory directory, string contact, CancellationToken cancellationToken) =>
        ApiResult.Found(await directory.FindContactAsync(http.GetCaller(), contact, cancellationToken), "contact", contact, static c => c.Version);

    private static async Task<ApiResult<Contact>> ChangeContactAsync(
        HttpContext http, TenantDirectory directory, string contact, NewContact wanted, IfMatch ifMatch, CancellationToken cancellationToken) =>
        ApiResult.From(await directory.ChangeContactAsync(http.GetCaller(), contact, wanted, ifMatch.Version, cancellationToken), static c => c.Version);

    private static async Task<ApiDone> RemoveContactAsync(HttpContext http, TenantDirectory directory, string contact, CancellationToken cancellationToken) =>
        ApiDone.From(await directory.RemoveContactAsync(http.GetCaller(), contact, cancellationToken));

    private static async Task<ApiResult<InvoicePreview>> PreviewAsync(
        HttpContext http, InvoicePreviews previews, string tenant, string? period, CancellationToken cancellationToken) =>
        await previews.MakeAsync(http.GetCaller(), tenant, period, cancellationToken);
}
