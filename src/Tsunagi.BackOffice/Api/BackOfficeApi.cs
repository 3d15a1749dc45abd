using Microsoft.AspNetCore.Routing;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice, subject by subject.</summary>
internal static class BackOfficeApi
{
    public static void Map(RouteGroupBuilder api)
    {
        AccountApi.Map(api);
        RunApi.Map(api);
        CustomerBillApi.Map(api);
        PaymentApi.Map(api);
        BankImportApi.Map(api);
        LedgerApi.Map(api);
        ClosingApi.Map(api);
        ShadowApi.Map(api);
        ReportApi.Map(api);
        DunningApi.Map(api);
        GeneralLedgerApi.Map(api);
        QuoteApi.Map(api);
        ServiceCreditApi.Map(api);
        ProductOrderApi.Map(api);
        ProjectApi.Map(api);
    }
}
