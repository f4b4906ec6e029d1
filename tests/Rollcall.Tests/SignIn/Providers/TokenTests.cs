using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.SignIn.Providers;

/// <summary>
/// What a provider sends, right and wrong. The wrong ones come from a real provider, through the front door.
/// </summary>
public sealed class TokenTests(TheApp app)
{
    private async Task<(User User, string Subject)> UserAsync(string variant, bool verified = true)
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation, registered: false);
        return (user, await app.Provider.PersonAsync(user.Email, verified, variant: variant));
    }

    [Theory]
    [InlineData("alg none")]
    [InlineData("alg None with a signature")]
    [InlineData("HS256 with the public key")]
    [InlineData("HS256 with the client secret")]
    [InlineData("another key")]
    [InlineData("unknown kid")]
    [InlineData("jwk in the header")]
    [InlineData("jku in the header")]
    [InlineData("x5u and x5c in the header")]
    [InlineData("ES256 where the key is RSA")]
    [InlineData("a critical header")]
    [InlineData("signature cut short")]
    [InlineData("claims changed after signing")]
    [InlineData("claims twice")]
    [InlineData("expired")]
    [InlineData("no exp")]
    [InlineData("issued in the future")]
    [InlineData("no iat")]
    [InlineData("not before a later time")]
    [InlineData("another audience")]
    [InlineData("no audience")]
    [InlineData("several audiences without azp")]
    [InlineData("several audiences with azp")]
    [InlineData("another azp")]
    [InlineData("another issuer")]
    [InlineData("issuer with a slash")]
    [InlineData("no nonce")]
    [InlineData("another nonce")]
    [InlineData("no subject")]
    [InlineData("empty subject")]
    [InlineData("subject is a number")]
    [InlineData("no token")]
    [InlineData("not a token")]
    [InlineData("user info about another person")]
    [InlineData("user info without a subject")]
    [InlineData("token answer is HTML")]
    public async Task Trust49_A_hostile_answer_is_refused_with_a_plain_page_and_a_way_to_try_again(string variant)
    {
        var (user, subject) = await UserAsync(variant);
        var client = app.Client();
        var page = await IdentityProvider.SignInAsync(client, subject, "/help");
        Assert.Equal("You could not be signed in", page.Heading);
        Assert.Equal("/help", page.Field("ReturnUrl"));
        Assert.NotEmpty(page.Form("Try again").Path);
        Assert.StartsWith("/sign-in", (await client.GetAsync("/organisations")).Path, StringComparison.Ordinal);
        Assert.Null(
            await app.InDbAsync(db => db.Users.Where(u => u.Id == user.Id).Select(u => u.LastSignedInAt).SingleAsync())
        );
        Assert.Equal(
            0,
            await app.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"select count(*)::int as \"Value\" from sign_in_identities where user_id = {user.Id}"
                    )
                    .SingleAsync()
            )
        );
    }

    [Fact]
    public async Task Trust52_A_token_endpoint_that_fails_is_an_outage_and_no_refusal()
    {
        var (_, subject) = await UserAsync("token endpoint fails");
        Assert.Equal("Stand-in is not available", (await IdentityProvider.SignInAsync(app.Client(), subject)).Heading);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    [InlineData("a little expired")]
    [InlineData("a little in the future")]
    [InlineData("audience in a list")]
    public async Task Trust49_What_is_right_is_let_in(string variant)
    {
        var (user, subject) = await UserAsync(variant);
        var client = app.Client();
        var page = await IdentityProvider.SignInAsync(client, subject);
        Assert.StartsWith("/organisations/", page.Path, StringComparison.Ordinal);
        Assert.Contains(user.Email, (await client.GetAsync("/sign-in")).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust49_A_new_key_of_the_provider_is_found_by_asking_again()
    {
        var (_, before) = await UserAsync("");
        Assert.StartsWith(
            "/organisations/",
            (await IdentityProvider.SignInAsync(app.Client(), before)).Path,
            StringComparison.Ordinal
        );
        var (_, subject) = await UserAsync("a new key");
        Assert.StartsWith(
            "/organisations/",
            (await IdentityProvider.SignInAsync(app.Client(), subject)).Path,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Trust47_An_address_and_its_being_verified_are_of_one_statement()
    {
        // The token names one address and says nothing about it; the user info has another one, which is verified.
        var (_, subject) = await UserAsync("two addresses in the token");
        var page = await IdentityProvider.SignInAsync(app.Client(), subject);
        Assert.Equal("You cannot use this account yet", page.Heading);
        Assert.Contains("in-the-token@example.org", page.Text(), StringComparison.Ordinal);
    }
}
